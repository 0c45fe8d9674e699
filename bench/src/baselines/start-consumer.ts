import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Consumer } from '../backlog/work-off.ts';
import type { Outcome } from '../programs/orders.ts';
import type { System } from '../system/open-system.ts';
import type { ConsumerOrders } from './consumer-orders.ts';
import { expectGoodEnd } from '../system/program-end.ts';

/** Starts one of the consumers in `programs/`. */
export function startConsumer(
  { start, directory }: Pick<System, 'start' | 'directory'>,
  program: 'naive-consumer' | 'at-least-once' | 'replay-slices',
  lanes: number,
  more: Record<string, string> = {},
): Consumer {
  const orders: ConsumerOrders = { lanes, outcomeFile: join(directory, `${program}.json`) };
  const main = `bench/src/baselines/programs/${program}.ts`;
  const running = start(
    { source: main, dist: main },
    { env: { BENCH_ORDERS: JSON.stringify({ ...orders, ...more }) } },
  );
  return {
    ended: running.ended,
    async stop() {
      expectGoodEnd(program, await running.stop());
      return JSON.parse(await readFile(orders.outcomeFile, 'utf8')) as Outcome;
    },
  };
}
