// The transactions of a processor again, as they were sent: each partition's one after another, so many partitions at once.
// Nothing is fetched, decoded, decided or made into values: what is left is the database.
import { readFileSync } from 'node:fs';
import { prepared } from '@hookline/database';
import { countCosts } from '../../programs/count-costs.ts';
import { leaveOutcome } from '../../programs/leave-outcome.ts';
import type { ConsumerOrders } from '../consumer-orders.ts';
import { openDatabase } from '../open-database.ts';
import { sendable, type RecordedSlice } from '../recorded-slices.ts';

const { lanes, outcomeFile, slicesFile } = JSON.parse(process.env['BENCH_ORDERS'] ?? '{}') as ConsumerOrders & {
  slicesFile: string;
};
const costs = countCosts();
leaveOutcome(outcomeFile, () => ({ ...costs.read() }));

const slices = readFileSync(slicesFile, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as RecordedSlice)
  .map(({ partition, statements }) => ({
    partition,
    statements: statements.map(({ text, values }) => ({ text: planned(text, values), values: values.map(sendable) })),
  }));
const partitions = [...Map.groupBy(slices, ({ partition }) => partition).values()];
const database = costs.aroundDatabase(openDatabase(lanes));
// Stays until it is told to end, however long nothing is left to do.
const staying = setInterval(() => {}, 60_000);
process.once('SIGTERM', () => {
  clearInterval(staying);
  void database.close();
});

await Promise.all(Array.from({ length: lanes }, replay));

/** Prepared as the processor prepares it: what it sends with values, it sends for each slice. */
function planned(text: string, values: readonly unknown[]): string {
  return values.length === 0 ? text : prepared(text);
}

async function replay(): Promise<void> {
  const client = await database.acquire();
  for (let next = partitions.shift(); next; next = partitions.shift()) {
    for (const { statements } of next) {
      // Without values several statements can be in one text, as in the one that begins the transaction.
      for (const { text, values } of statements) await client.query(text, values.length === 0 ? undefined : values);
    }
  }
  client.release();
}
