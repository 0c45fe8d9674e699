import { randomUUID } from 'node:crypto';
import type { Queryable } from '../database.ts';
import type { PartitionPlace } from '../fence.ts';
import { sha256 } from './deliveries.ts';
import { PLACE } from './partitions.ts';

export const at = (given: Partial<PartitionPlace>): PartitionPlace => ({ ...PLACE, ...given });

/** Places other than those of {@link PLACE}: what is asked about its own must not see them. */
export const OTHERS = [at({ consumerGroup: 'g' }), at({ topic: 't' })];

/** Inserts a row of a partition by hand, so that each state is there for certain. */
export async function putRow(
  database: Queryable,
  table: string,
  on: PartitionPlace,
  row: Record<string, unknown>,
): Promise<void> {
  const { consumerGroup: consumer_group, topic, partition: kafka_partition } = on;
  const columns = Object.entries<unknown>({ consumer_group, topic, kafka_partition, ...row });
  await database.query(
    `insert into hookline.${table} (${columns.map(([name]) => name).join(', ')})
     values (${columns.map((_, i) => `$${i + 1}`).join(', ')})`,
    columns.map(([, value]) => value),
  );
}

/** Columns of a delivery, for tests in which nothing depends on them. */
export const deliveryColumns = () => ({
  appended_at: new Date(),
  ordering_key: 'a',
  source: 'main',
  dedup_scope: 'main',
  guid: randomUUID(),
  digest: sha256('one'),
  event: 'issues',
  received_at: new Date(),
  headers: {},
  secret_label: 'current',
  body: Buffer.alloc(0),
  body_encoding: 'identity',
  body_bytes: 0,
});
