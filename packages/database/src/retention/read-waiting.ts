import type { Queryable } from '../database.ts';

/** What waits for an operator, or for its next try. */
export interface Waiting {
  what:
    | 'open dead letters'
    | 'held deliveries'
    | 'deliveries in lanes'
    | 'open commands'
    | 'effects to be sent'
    | 'dead effects';
  number: number;
  /** Since when the oldest waits, milliseconds since the Unix epoch. */
  since: number;
}

/** What is never removed, however old, with the time of the oldest; nothing for what there is none of. */
export async function readWaiting(on: Queryable): Promise<Waiting[]> {
  const { rows } = await on.query<{ what: Waiting['what']; number: string; since: Date | null }>(
    `select 'open dead letters' as what, count(*) as number, min(dead_at) as since
       from hookline.dead_letters where state in ('dead', 'waiting')
      union all
     select 'held deliveries', count(*), min(held_at) from hookline.held_deliveries where state = 'held'
      union all
     select 'deliveries in lanes', count(*), min(waiting_since) from hookline.lane_deliveries
      union all
     select 'open commands', count(*), min(requested_at)
       from (select requested_at from hookline.control_commands where outcome is null
              union all
             select requested_at from hookline.partition_commands where outcome is null) as command
      union all
     select 'effects to be sent', count(*), min(created_at) from hookline.outbox where state <> 'dead'
      union all
     select 'dead effects', count(*), min(created_at) from hookline.outbox where state = 'dead'`,
  );
  return rows.flatMap(({ what, number, since }) =>
    since ? [{ what, number: Number(number), since: since.getTime() }] : [],
  );
}
