import { randomUUID } from 'node:crypto';
import { partitionOf } from '@hookline/contracts';
import type { System } from '../system/open-system.ts';
import { keyOf } from './deliveries.ts';

const AT_ONCE = 50_000;
/** Prime, and no divisor of a number of repositories that anyone would choose. */
const STRIDE = 7_368_787;

/** So many deliveries, over the repositories 1 to `repositories`, such that neighbours in the log are far apart in tables. */
export function* repositoriesSpread(count: number, repositories: number): Generator<number> {
  for (let i = 0; i < count; i += 1) yield 1 + ((i * STRIDE) % repositories);
}

/** Makes the repositories 1 to `count` known, as if each had had a delivery. */
export async function fillRepositories({ database, partitions }: System, count: number): Promise<void> {
  for (let first = 1; first <= count; first += AT_ONCE) {
    const keys = Array.from({ length: Math.min(AT_ONCE, count - first + 1) }, (_, n) => keyOf(first + n));
    await database.query(
      `insert into hookline.repository_activity
              (ordering_key, kafka_partition, deliveries, last_event, last_guid, last_offset, last_received_at)
       select key, partition, 1, 'watch', $3, 0, now()
         from unnest($1::text[], $2::integer[]) as known (key, partition)`,
      [keys, keys.map((key) => partitionOf(key, partitions)), randomUUID()],
    );
  }
  await database.query('vacuum analyze hookline.repository_activity');
  await database.query('checkpoint');
}
