import type { Queryable } from '../database.ts';
import type { PartitionPlace } from '../fence.ts';

/** What is being run: records of the log, or of one key's lane. */
export interface RunPlace {
  stage: 'log' | 'lane';
  /** Empty for the log: there is one run of it per partition. */
  orderingKey: string;
}

/** A run that was noted before it began, and not ended since. */
export interface RecordStart extends RunPlace {
  /** Offset in the log, or position in the lane, of its first record. */
  firstPosition: bigint;
  records: number;
  /** The process. */
  owner: string;
}

/**
 * What other processes have begun and not ended. This process is alive, so that its own starts tell of no death: what a
 * lost connection left of them is removed.
 */
export async function readStarts(tx: Queryable, place: PartitionPlace, owner: string): Promise<RecordStart[]> {
  const values = [place.consumerGroup, place.topic, place.partition, owner];
  await tx.query(
    `delete from hookline.record_starts
      where consumer_group = $1 and topic = $2 and kafka_partition = $3 and owner = $4`,
    values,
  );
  const { rows } = await tx.query<{
    stage: RecordStart['stage'];
    ordering_key: string;
    first_position: string;
    records: number;
    owner: string;
  }>(
    `select stage, ordering_key, first_position, records, owner
       from hookline.record_starts
      where consumer_group = $1 and topic = $2 and kafka_partition = $3 and owner <> $4
      order by stage, ordering_key`,
    values,
  );
  return rows.map((row) => ({
    stage: row.stage,
    orderingKey: row.ordering_key,
    firstPosition: BigInt(row.first_position),
    records: row.records,
    owner: row.owner,
  }));
}
