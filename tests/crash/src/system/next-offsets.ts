import type { System } from './system.ts';

/** The stored offset of each partition of a topic that has one. */
export async function nextOffsets({
  database,
  topic,
}: Pick<System, 'database' | 'topic'>): Promise<[number, bigint][]> {
  const { rows } = await database.query<{ partition: number; next_offset: string }>(
    'select kafka_partition as partition, next_offset from hookline.partition_offsets where topic = $1',
    [topic],
  );
  return rows.map(({ partition, next_offset }) => [partition, BigInt(next_offset)]);
}
