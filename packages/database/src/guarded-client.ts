import { DatabaseError } from 'pg';
import { allAnswered } from './all-answered.ts';
import type { AcquiredClient, Queryable } from './database.ts';

/** The transaction was over before it was to end: it had failed, or its work had sent a COMMIT or ROLLBACK itself. */
export class TransactionLost extends Error {
  override name = 'TransactionLost';
}

/** A client for one transaction, which knows what can still be done with its connection. */
export interface GuardedClient {
  /**
   * Sends what begins the transaction. What is sent through `tx` need not wait for the answer, and fails if it fails: a
   * text of several statements is read as a whole before BEGIN, and what fails behind BEGIN leaves the transaction failed,
   * so that nothing can run outside it.
   */
  begin(text: string): Promise<void>;
  /** @returns whether it was rolled back, and the connection can be used again */
  rollback(): Promise<boolean>;
  /** @throws {TransactionLost} when nothing was committed by it */
  commit(): Promise<void>;
  /**
   * What the work is given. Rejects with {@link TransactionLost} outside the transaction: what ran there would commit
   * by itself, and after the end it would run in whatever transaction has the connection next.
   */
  tx: Queryable;
  /** The transaction is over: `tx` takes nothing any more. */
  close(): void;
}

export function guardClient(client: AcquiredClient): GuardedClient {
  let running = 0;
  let answers = true;
  let over = false;
  let lost = false;
  let isBeginning = false;
  let begun: Promise<unknown> = Promise.resolve();

  const lose = (message: string) => {
    lost = true;
    return new TransactionLost(message);
  };
  const send: Queryable['query'] = async (text, values) => {
    running += 1;
    try {
      return await client.query(text, values);
    } catch (error) {
      // Only the server's own errors are answers; after a timeout of ours, its statement is still running.
      if (!(error instanceof DatabaseError)) answers = false;
      throw error;
    } finally {
      running -= 1;
    }
  };
  const tx: Queryable = {
    async query(text, values) {
      if (over) throw new TransactionLost('A statement was sent after its transaction had ended.');
      if (!isBeginning && !client.inTransaction()) {
        throw lose('A statement was sent after another had ended the transaction.');
      }
      const [, result] = await allAnswered([begun, send<never>(text, values)]);
      // `commit and chain` ends the transaction that has the locks, and is inside another one at once.
      if (!client.inTransaction() || result.command === 'COMMIT') {
        throw lose(`The transaction was ended by its own ${result.command}.`);
      }
      return result;
    },
  };
  /**
   * Whether the server has answered everything, inside the one transaction: a statement sent now would not wait behind
   * another, and what a handler has set for its session went with the transaction.
   */
  const isQuiet = () => answers && !lost && running === 0;

  return {
    async begin(text) {
      isBeginning = true;
      begun = send(text).finally(() => (isBeginning = false));
      await begun;
    },
    tx,
    async commit() {
      // Outside a transaction COMMIT is answered by COMMIT, with a warning.
      if (!client.inTransaction()) throw lose('The transaction was ended before its COMMIT.');
      const { command } = await send('commit');
      // COMMIT of a transaction with a failed statement is answered, successfully, by ROLLBACK.
      if (command !== 'COMMIT') throw new TransactionLost(`COMMIT was answered by ${command}: nothing was written.`);
    },
    // With a statement still running (a handler's that was given up) ROLLBACK would wait for it: the connection is to be
    // given up instead, and the server rolls back when it notices.
    async rollback() {
      if (!isQuiet()) return false;
      try {
        await send('rollback');
        return true;
      } catch {
        return false;
      }
    },
    close: () => void (over = true),
  };
}
