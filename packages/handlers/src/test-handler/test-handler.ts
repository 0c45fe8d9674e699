import type { RequestedEffect } from '@hookline/contracts';
import { createDatabase, lendTransaction, transaction, type LentTransaction } from '@hookline/database';
import { collectEffects } from '../effects/collect-effects.ts';
import { HandlerMisuse } from '../handler-misuse.ts';
import type { HandledDelivery, Handler, HandlerDatabase } from '../handler.ts';
import { matches } from '../matches.ts';
import { orderGuard } from '../order/order-guard.ts';
import { scopedDatabase } from '../scoped-database.ts';
import { readExport } from '../users/read-export.ts';
import { aDelivery, type TestedDelivery } from './a-delivery.ts';
import { notedLog, type LoggedLine } from './noted-log.ts';

export interface TestOptions {
  /**
   * Of a database that has been migrated and has your tables. Handlers run in one transaction, under the role that they
   * have in production. Without it a handler that asks the database fails.
   */
  databaseUrl?: string;
  /** A query that is run behind the handlers, in their transaction and under their role: the result's `rows`. */
  rows?: string;
  /** Keeps what was written; default: it is rolled back. */
  commit?: boolean;
  /** Default `hookline_handlers`. The URL's user must be a member of it. */
  role?: string;
  /** What `order.stale()` answers without a database; with one it is the truth. Default: false. */
  stale?: boolean;
  /** What handlers are given as their signal. */
  signal?: AbortSignal;
}

export interface TestResult {
  /** Names of the handlers that asked for the delivery and ran, in that order. */
  ran: string[];
  /** What they asked for. It is not sent. */
  effects: (RequestedEffect & { handler: string })[];
  log: LoggedLine[];
  /** Of the query that was asked for. */
  rows: Record<string, unknown>[];
}

const STATEMENT_MS = 30_000;

/**
 * Runs what asks for a delivery, as a processor would, without Kafka, GitHub or a processor: for tests of handlers.
 * Rejects with the error of the first handler that fails; then nothing was written.
 *
 * @param module what a module of handlers exports as its default
 * @throws {TypeError} where a processor would refuse to start with it
 */
export async function testHandler(
  module: unknown,
  tested: TestedDelivery,
  options: TestOptions = {},
): Promise<TestResult> {
  const read = readExport(module, []);
  if (!read.success) throw new TypeError(read.problems.join(' '));
  const delivery = aDelivery(tested);
  const asked = read.handlers.filter(({ on }) => matches(on, delivery.event, delivery.action));
  const { databaseUrl: url, role = 'hookline_handlers', commit = false, rows } = options;
  const result: TestResult = { ran: [], effects: [], log: [], rows: [] };
  if (url === undefined) {
    await runAll(asked, delivery, null, options, result);
    return result;
  }

  const database = createDatabase({
    url,
    poolSize: 1,
    applicationName: 'hookline-test-handler',
    queryTimeoutMs: STATEMENT_MS,
    connectTimeoutMs: STATEMENT_MS,
    onConnectionError: () => {},
  });
  try {
    return await transaction(database, { statementTimeoutMs: STATEMENT_MS }, async (tx) => {
      const lent = lendTransaction(tx, role);
      await runAll(asked, delivery, lent, options, result).catch((error: unknown) => refusedOr(lent, error));
      if (rows !== undefined) result.rows = (await lent.tx.query(rows)).rows;
      await lent.takeBack();
      return { commit, value: result };
    });
  } finally {
    await database.close();
  }
}

function refusedOr(lent: LentTransaction, error: unknown): never {
  lent.throwIfRefused();
  throw error;
}

const noDatabase = (handler: string): HandlerDatabase => ({
  query: () =>
    Promise.reject(new HandlerMisuse(`Handler ${handler} asked the database: give testHandler a databaseUrl.`)),
});

async function runAll(
  handlers: readonly Handler[],
  delivery: HandledDelivery,
  lent: LentTransaction | null,
  { signal = new AbortController().signal, stale = false }: TestOptions,
  { ran, effects, log }: TestResult,
): Promise<void> {
  // As in a slice: those of all deliveries together come last.
  for (const handler of handlers.toSorted((a, b) => a.kind.localeCompare(b.kind))) {
    const { name } = handler;
    const scope = scopedDatabase(lent?.tx ?? noDatabase(name), name);
    const ours = lent && scopedDatabase(lent.between, name);
    const collected = collectEffects({ handler: name, delivery });
    ran.push(name);
    try {
      if (handler.kind === 'slice') await handler.runSlice([delivery], { db: scope.db, signal });
      else {
        const order = ours ? orderGuard(name, delivery, ours.db) : { stale: () => Promise.resolve(stale) };
        const context = { db: scope.db, effects: collected.effects, order, log: notedLog(name, log), signal };
        await handler.run(delivery, context);
      }
      collected.settle();
      scope.settle();
      ours?.settle();
    } finally {
      collected.close();
      scope.close();
      ours?.close();
    }
    effects.push(...collected.requested().map((effect) => ({ ...effect, handler: name })));
  }
}
