import { Pool, type PoolClient, type QueryResult, type QueryResultRow } from 'pg';
import { connectingClient, type ConnectingClient } from './connection/connecting-client.ts';
import type { DatabaseConnection } from './connection/database-connection.ts';
import { isWithoutPrepared, nameOf } from './prepared.ts';

/**
 * What runs SQL: the pool, or one transaction. Of several statements in one text, the answer to the last is returned,
 * but `command` is COMMIT when any of them was.
 */
export interface Queryable {
  query<Row extends QueryResultRow = QueryResultRow>(
    text: string,
    values?: readonly unknown[],
  ): Promise<{ rows: Row[]; rowCount: number; command: string }>;
}

export interface Database extends Queryable {
  /** A client of its own until released; `discard` closes its connection instead of reusing it. */
  acquire(): Promise<AcquiredClient>;
  /** Resolves when every idle connection is closed; clients still acquired are closed at their release. */
  close(): Promise<void>;
}

export interface AcquiredClient extends Queryable {
  /** Whether the server, by its last answer, is inside a transaction block, a failed one included. */
  inTransaction(): boolean;
  release(discard?: boolean): void;
}

export interface DatabaseOptions extends DatabaseConnection {
  poolSize: number;
  applicationName: string;
  /** After this many milliseconds without an answer a statement counts as failed and its connection as dead. */
  queryTimeoutMs: number;
  /** Milliseconds to wait for a connection, a new one or a free one of the pool. */
  connectTimeoutMs: number;
  /** Told of errors on idle connections (a restarted server): the next query connects anew. */
  onConnectionError: (error: Error) => void;
}

/**
 * A pool of connections, each of which sends a statement without waiting for the answers to those before it; they are
 * answered in order. Opens none until the first query; every error of a connection ends in a rejected promise.
 */
export function createDatabase(options: DatabaseOptions): Database {
  const run = createRunner();
  const pool = new Pool({
    Client: connectingClient(options),
    max: options.poolSize,
    application_name: options.applicationName,
    query_timeout: options.queryTimeoutMs,
    connectionTimeoutMillis: options.connectTimeoutMs,
    keepAlive: true,
    pipeline: true,
  });
  // Both are needed: a checked-out client that the server ends emits 'error' past the pool's handler, and an
  // 'error' without a listener ends the process.
  pool.on('error', options.onConnectionError);
  pool.on('connect', (client) => client.on('error', options.onConnectionError));

  return {
    query: (text, values) => run(pool, text, values),
    async acquire() {
      const client = (await pool.connect()) as PoolClient & ConnectingClient;
      return {
        query(text, values) {
          client.gather();
          return run(client, text, values);
        },
        inTransaction: () => client.getTransactionStatus() !== 'I',
        release(discard) {
          // A client that pipelines ends only when all is answered: a statement that hangs would keep its locks.
          if (discard) client.abandon();
          client.release(discard);
        },
      };
    },
    close: () => pool.end(),
  };
}

/**
 * Sends statements by name that are {@link prepared}, on a session of its own, and until one turns out not to keep them.
 */
function createRunner() {
  let prepares = true;

  return async function run<Row extends QueryResultRow>(
    on: Pool | (PoolClient & ConnectingClient),
    text: string,
    values?: readonly unknown[],
  ) {
    const name = prepares && values && 'hasOwnSession' in on && on.hasOwnSession ? nameOf(text) : undefined;
    try {
      return resultOf<Row>(
        await on.query<Row>({ text, ...(values && { values: [...values] }), ...(name && { name }) }),
      );
    } catch (error) {
      if (isWithoutPrepared(error)) prepares = false;
      throw error;
    }
  };
}

function resultOf<Row extends QueryResultRow>(answer: QueryResult<Row> | QueryResult<Row>[]) {
  const results = Array.isArray(answer) ? answer : [answer];
  const last = results.at(-1) as QueryResult<Row>;
  const hasCommitted = results.some(({ command }) => command === 'COMMIT');
  return { rows: last.rows, rowCount: last.rowCount ?? 0, command: hasCommitted ? 'COMMIT' : last.command };
}
