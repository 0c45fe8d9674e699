import { until } from '@hookline/test-support';
import type { System } from '../system/start-system.ts';
import { countLog } from './count-log.ts';

/** One row of the audit. */
export interface AuditRow {
  partition: number;
  offset: bigint;
  epoch: bigint;
  /** `log`: what became of the record when it was read; `lane`: what became of it where it waited. */
  stage: string;
  decision: string;
  key: string;
  guid: string;
}

/** The audit in the order in which it was written. */
export async function readAudit({ database }: Pick<System, 'database'>): Promise<AuditRow[]> {
  const { rows } = await database.query<Record<keyof AuditRow, string>>(
    `select kafka_partition::text as partition, kafka_offset::text as "offset", epoch::text, stage, decision,
            ordering_key as key, guid::text
       from hookline.audit_log order by audit_id`,
  );
  return rows.map((row) => ({
    ...row,
    partition: Number(row.partition),
    offset: BigInt(row.offset),
    epoch: BigInt(row.epoch),
  }));
}

/** How many rows there are. @param from what follows `select count(*)` */
export async function countRows({ database }: Pick<System, 'database'>, from: string): Promise<number> {
  const { rows } = await database.query<{ n: string }>(`select count(*) as n ${from}`);
  return Number(rows[0]?.n);
}

/** How many records of the log were decided; with a decision: how many were decided so, read or waiting. */
export async function countAudit({ database }: Pick<System, 'database'>, decision?: string): Promise<number> {
  const { rows } = await database.query<{ n: string }>(
    `select count(*) as n from hookline.audit_log
      where case when $1::text is null then stage = 'log' else decision = $1 end`,
    [decision ?? null],
  );
  return Number(rows[0]?.n);
}

/** Waits until every record that is in the log now has been decided, and nothing waits in a lane. */
export async function untilCaughtUp(system: System, timeoutMs = 60_000): Promise<void> {
  const wanted = await countLog(system);
  await until(
    `${wanted} records of the log are below the stored offsets, and no lane is open`,
    async () => {
      const { rows } = await system.database.query<{ n: string | null }>(
        `select sum(next_offset)::text as n from hookline.partition_offsets
          where topic = $1 and not exists (select from hookline.lanes where topic = $1)`,
        [system.topic],
      );
      return BigInt(rows[0]?.n ?? 0) >= wanted;
    },
    timeoutMs,
  );
}
