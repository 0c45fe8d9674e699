import type { Queryable } from '../../database.ts';
import { readBegin } from '../audit-begin.ts';
import type { Scope } from './check.ts';

/** A partition, and how it has been read: from where, and from where again each time a human has said so. */
export interface ReadPartition {
  topic: string;
  partition: number;
  nextOffset: bigint;
  incarnation: number;
  /** When humans have resumed it, in order; their entries in the audit. */
  resumes: { auditId: bigint; offset: bigint }[];
}

/** Every partition that has an owner, or had one. */
export async function readPartitionsToVerify(database: Queryable): Promise<ReadPartition[]> {
  const { rows } = await database.query<{
    topic: string;
    kafka_partition: number;
    next_offset: string;
    incarnation: number;
    resumed_at: Date[] | null;
  }>(
    `select topic, kafka_partition, next_offset, incarnation,
            (select array_agg(settled_at)
               from hookline.partition_commands command
              where command.topic = stored.topic and command.kafka_partition = stored.kafka_partition
                and outcome = 'applied') as resumed_at
       from hookline.partition_offsets stored
      order by topic, kafka_partition`,
  );
  const partitions: ReadPartition[] = [];
  for (const { topic, kafka_partition: partition, next_offset: next, incarnation, resumed_at: times } of rows) {
    const resumes = times ? await readResumes(database, { topic, partition, times }) : [];
    partitions.push({ topic, partition, nextOffset: BigInt(next), incarnation, resumes });
  }
  return partitions;
}

/** Applied and audited in one transaction, at one time: few ranges of the audit are looked into. */
async function readResumes(
  database: Queryable,
  { topic, partition, times }: { topic: string; partition: number; times: Date[] },
): Promise<ReadPartition['resumes']> {
  const { rows } = await database.query<{ audit_id: string; kafka_offset: string }>(
    `select audit_id, kafka_offset
       from hookline.audit_log
      where topic = $1 and kafka_partition = $2 and stage = 'partition' and decision = 'resumed'
        and recorded_at >= $3::timestamptz and recorded_at <= $4::timestamptz + interval '1 ms'
      order by audit_id`,
    [topic, partition, new Date(Math.min(...times.map(Number))), new Date(Math.max(...times.map(Number)))],
  );
  return rows.map((row) => ({ auditId: BigInt(row.audit_id), offset: BigInt(row.kafka_offset) }));
}

/** How far back claims and audit go. */
export async function readScope(
  database: Queryable,
  partitions: readonly ReadPartition[],
  commandsSince: Date,
): Promise<Scope> {
  const floors: { topic: string; partition: number; incarnation: number; lowest: bigint }[] = [];
  for (const { topic, partition, incarnation: last } of partitions) {
    for (let incarnation = 1; incarnation <= last; incarnation++) {
      const { rows } = await database.query<{ kafka_offset: string }>(
        `select kafka_offset
           from hookline.audit_log
          where topic = $1 and kafka_partition = $2 and incarnation = $3 and stage = 'log'
          order by kafka_offset
          limit 1`,
        [topic, partition, incarnation],
      );
      if (rows[0]) floors.push({ topic, partition, incarnation, lowest: BigInt(rows[0].kafka_offset) });
    }
  }
  const { begin, now } = await readBegin(database, 'processed_deliveries');
  const effects = await readBegin(database, 'settled_effects');
  return { floors, claimsSince: begin ?? now, commandsSince, effectsSince: effects.begin ?? now };
}
