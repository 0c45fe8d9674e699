import type { Queryable } from '../../database.ts';
import type { Problem } from './check.ts';
import { readBounds } from './read-bounds.ts';
import type { ReadPartition } from './read-partitions.ts';

/** A stretch of a partition that was read without a human's saying where to go on. */
interface Stretch {
  topic: string;
  partition: number;
  /** Entries of the audit between these, both exclusive. */
  afterId: bigint;
  beforeId: bigint;
  from: bigint;
  to: bigint;
}

export const READING_CODES = {
  AUDIT_GAP: 'Records below the stored offset have no decision: they were skipped, and nobody was told.',
  AUDIT_DOUBLE: 'A record was decided twice in one reading: what it did may have been done twice.',
  AUDIT_ORDER: 'Records were decided in another order than the log’s, or by an owner that was not the last one.',
} as const;

const MAX_ID = 9_223_372_036_854_775_807n;

/** Offsets of one look: a few tens of MB in the database, whatever the size of the audit. */
export const OFFSETS_AT_ONCE = 50_000n;

/** Whether each record of a partition below its stored offset was decided exactly once in each reading, in order (I4). */
export async function verifyReading(database: Queryable, read: ReadPartition, most: number): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const stretch of await stretchesOf(database, read)) {
    for (let from = stretch.from; from < stretch.to && problems.length < most; from += OFFSETS_AT_ONCE) {
      const to = from + OFFSETS_AT_ONCE < stretch.to ? from + OFFSETS_AT_ONCE : stretch.to;
      problems.push(...(await verifyPart(database, { ...stretch, from, to })));
    }
  }
  return problems;
}

/** One without a human, else one more for each time that one has said where to go on. */
async function stretchesOf(database: Queryable, read: ReadPartition): Promise<Stretch[]> {
  const ids = [0n, ...read.resumes.map(({ auditId }) => auditId), MAX_ID];
  const stretches: Stretch[] = [];
  for (let i = 0; i + 1 < ids.length; i++) {
    const { topic, partition } = read;
    const part = { topic, partition, afterId: ids[i] as bigint, beforeId: ids[i + 1] as bigint };
    const bounds = await boundsOf(database, part);
    if (!bounds) continue;
    const isLast = i === read.resumes.length;
    stretches.push({
      ...part,
      // What was first of all may be gone by retention; after a human the first one is known.
      from: i === 0 ? bounds.lowest : (read.resumes[i - 1] as { offset: bigint }).offset,
      to: isLast ? read.nextOffset : bounds.highest + 1n,
    });
  }
  return stretches;
}

type Part = Omit<Stretch, 'from' | 'to'>;

const OF_PART = `topic = $1 and kafka_partition = $2 and stage = 'log' and audit_id > $3 and audit_id < $4`;
const partValues = ({ topic, partition, afterId, beforeId }: Part) => [topic, partition, afterId, beforeId];

const boundsOf = (database: Queryable, part: Part) => readBounds(database, OF_PART, partValues(part));

async function verifyPart(database: Queryable, stretch: Stretch): Promise<Problem[]> {
  const { rows } = await database.query<{ found: string; different: string; disorder: string }>(
    `select count(*) as found, count(distinct kafka_offset) as different,
            count(*) filter (where offset_before > kafka_offset or epoch_before > epoch) as disorder
       from (select kafka_offset, epoch, lag(kafka_offset) over decided as offset_before, lag(epoch) over decided as epoch_before
               from hookline.audit_log
              where ${OF_PART} and kafka_offset >= $5 and kafka_offset < $6
             window decided as (order by audit_id)) as entry`,
    [...partValues(stretch), stretch.from, stretch.to],
  );
  const { found, different, disorder } = rows[0] as { found: string; different: string; disorder: string };
  return [
    ...(BigInt(different) < stretch.to - stretch.from ? await gapsOf(database, stretch) : []),
    ...(found === different ? [] : await doublesOf(database, stretch)),
    ...(disorder === '0' ? [] : await disorderOf(database, stretch)),
  ];
}

const problemAt = (
  code: keyof typeof READING_CODES,
  { topic, partition }: Part,
  offset: string,
  detail: string,
): Problem => ({
  code,
  topic,
  partition,
  incarnation: null,
  offset: BigInt(offset),
  subject: null,
  detail,
});

async function gapsOf(database: Queryable, stretch: Stretch): Promise<Problem[]> {
  const { rows } = await database.query<{ first: string; last: string }>(
    `select kafka_offset + 1 as first, next - 1 as last
       from (select kafka_offset, lead(kafka_offset, 1, $6::bigint) over (order by kafka_offset) as next
               from (select $5::bigint - 1 as kafka_offset
                      union
                     select kafka_offset from hookline.audit_log
                      where ${OF_PART} and kafka_offset >= $5 and kafka_offset < $6) as found) as pair
      where next > kafka_offset + 1
      order by first`,
    [...partValues(stretch), stretch.from, stretch.to],
  );
  // A range may have been dropped since: what it had is no gap.
  const bounds = await boundsOf(database, stretch);
  const kept = rows.filter((row) => bounds && (stretch.afterId > 0n || BigInt(row.first) >= bounds.lowest));
  return kept.map((row) => problemAt('AUDIT_GAP', stretch, row.first, `Offsets ${row.first} to ${row.last}.`));
}

async function doublesOf(database: Queryable, stretch: Stretch): Promise<Problem[]> {
  const { rows } = await database.query<{ kafka_offset: string; decisions: string }>(
    `select kafka_offset, string_agg(decision, ', ' order by audit_id) as decisions
       from hookline.audit_log
      where ${OF_PART} and kafka_offset >= $5 and kafka_offset < $6
      group by kafka_offset
     having count(*) > 1
      order by kafka_offset`,
    [...partValues(stretch), stretch.from, stretch.to],
  );
  return rows.map((row) => problemAt('AUDIT_DOUBLE', stretch, row.kafka_offset, `Decisions: ${row.decisions}.`));
}

async function disorderOf(database: Queryable, stretch: Stretch): Promise<Problem[]> {
  const { rows } = await database.query<{
    kafka_offset: string;
    offset_before: string;
    epoch: string;
    epoch_before: string;
  }>(
    `select *
       from (select audit_id, kafka_offset, epoch, lag(kafka_offset) over decided as offset_before,
                    lag(epoch) over decided as epoch_before
               from hookline.audit_log
              where ${OF_PART} and kafka_offset >= $5 and kafka_offset < $6
             window decided as (order by audit_id)) as entry
      where offset_before > kafka_offset or epoch_before > epoch
      order by audit_id`,
    [...partValues(stretch), stretch.from, stretch.to],
  );
  return rows.map((row) =>
    problemAt(
      'AUDIT_ORDER',
      stretch,
      row.kafka_offset,
      `Decided in epoch ${row.epoch}, behind offset ${row.offset_before} of epoch ${row.epoch_before}.`,
    ),
  );
}
