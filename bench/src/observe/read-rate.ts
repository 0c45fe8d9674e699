import type { Database } from '@hookline/database';

/** The share of the work up to which a rate counts: towards the end some partitions have nothing left, and the slowest is measured. */
export const BUSY = 0.9;

export interface RateOf {
  stage: 'log' | 'lane';
  decision: 'processed' | 'parked' | 'duplicate';
  /** Of deliveries that were accepted from then on, and before then; in milliseconds since the Unix epoch. */
  since?: number;
  before?: number | undefined;
  /** Not of this key. */
  except?: string;
  /** From which share of them on; default the first. What comes before is a process that is not warm yet. */
  from?: number;
  /** Up to which share of them; default all. */
  share?: number;
}

export interface Rate {
  records: number;
  /** Between the beginnings of the transactions in which the one share and the other were reached. */
  perSecond: number;
}

/** How fast records were decided, by the database's clock: what a process needs to start and to notice plays no part. */
export async function readRate(
  database: Database,
  { stage, decision, since, before, except, from, share }: RateOf,
): Promise<Rate> {
  const { rows } = await database.query<{ records: string; counted: string; seconds: number }>(
    `with decided as (
            select recorded_at from hookline.audit_log
             where stage = $1 and decision = $2
               and received_at >= to_timestamp($3::double precision / 1000)
               and received_at < to_timestamp($4::double precision / 1000)
               and ordering_key is distinct from $5),
          bounds as (select percentile_disc($7::double precision) within group (order by recorded_at) as first,
                           percentile_disc($6::double precision) within group (order by recorded_at) as last
                      from decided)
     select count(*) as records,
            count(*) filter (where recorded_at >= first and recorded_at < last) as counted,
            extract(epoch from max(last) - min(first))::double precision as seconds
       from decided, bounds`,
    [stage, decision, since ?? 0, before ?? 8_000_000_000_000, except ?? null, share ?? 1, from ?? 0],
  );
  const [{ records, counted, seconds } = { records: '0', counted: '0', seconds: 0 }] = rows;
  return { records: Number(records), perSecond: Number(counted) / seconds };
}
