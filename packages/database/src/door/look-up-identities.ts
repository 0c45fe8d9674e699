import { byteaArray, textArray, uuidArray } from '../arrays/typed-arrays.ts';
import type { Database } from '../database.ts';
import type { Identity } from '../find-identities.ts';
import { prepared } from '../prepared.ts';
import { commit, transaction } from '../transaction.ts';

/** A delivery that has come in, and is in no log yet. */
export interface Arrival extends Identity {
  event: string;
}

/**
 * What is known of an arrival under its own event:
 *
 * - `settled`: it was processed or discarded, with nothing left that would run; final
 * - `open`: it waits in a lane, or a handler of it is dead: its record will do something
 * - `unknown`: neither, for sure
 */
export type ArrivalState = 'settled' | 'open' | 'unknown';

/** A client that says nothing in mid-transaction is gone: its look-up has been given up. */
const IDLE_MS = 5_000;

/**
 * What is known of each arrival, in their order; one statement, in a transaction that the server itself ends after
 * `timeoutMs`: a statement that was only given up here would go on waiting there, and with each further one take a
 * connection more. Reads without the fence: it can be late, and then says `unknown`, or `open` of what is settled by now.
 * It never says `settled` too early, since a claim is final, and never of what is claimed under another event, which
 * whoever forges headers can bring about.
 *
 * Rejects after `timeoutMs`, or after as long again where no connection is free.
 */
export async function lookUpIdentities(
  database: Database,
  arrivals: readonly Arrival[],
  timeoutMs: number,
): Promise<ArrivalState[]> {
  const states = arrivals.map((): ArrivalState => 'unknown');
  if (arrivals.length === 0) return states;
  const signal = AbortSignal.timeout(timeoutMs);
  const options = { keepPlans: true, statementTimeoutMs: timeoutMs, idleTimeoutMs: IDLE_MS, signal };
  const rows = await transaction(database, options, async (tx) => {
    const found = await tx.query<{ n: string; is_open: boolean }>(LOOK_UP, [
      uuidArray(arrivals.map(({ guid }) => guid)),
      byteaArray(arrivals.map(({ digest }) => digest)),
      textArray(arrivals.map(({ dedupScope }) => dedupScope)),
      textArray(arrivals.map(({ event }) => event)),
    ]);
    return commit(found.rows);
  });
  for (const { n, is_open: isOpen } of rows) states[Number(n) - 1] = isOpen ? 'open' : 'settled';
  return states;
}

// Each look-up is lateral, so that it can only be planned as probes of an index for each arrival. A claim that is dead
// and has no letter any more says nothing: a retention, or a hand, has been at it.
const LOOK_UP = prepared(`
  select asked.n, waiting.is_there is not null or letters.unsettled > 0 as is_open
    from unnest($1::uuid[], $2::bytea[], $3::text[], $4::text[]) with ordinality
      as asked (guid, digest, dedup_scope, event, n)
    left join lateral (
         select true as is_there
           from hookline.lane_deliveries lane
          where lane.guid = asked.guid and lane.digest = asked.digest and lane.dedup_scope = asked.dedup_scope
            and lane.event = asked.event
          limit 1) as waiting on true
    left join lateral (
         select outcome
           from hookline.processed_deliveries claim
          where claim.guid = asked.guid and claim.digest = asked.digest and claim.dedup_scope = asked.dedup_scope
            and claim.event = asked.event
          limit 1) as known on true
   cross join lateral (
         select count(*) as written, count(*) filter (where letter.state in ('dead', 'waiting')) as unsettled
           from hookline.dead_deliveries dead
           join hookline.dead_letters letter
             using (consumer_group, topic, kafka_partition, incarnation, kafka_offset)
          where known.outcome is not null
            and dead.guid = asked.guid and dead.digest = asked.digest and dead.dedup_scope = asked.dedup_scope
            and dead.event = asked.event) as letters
   where waiting.is_there is not null or known.outcome in ('processed', 'discarded') or letters.written > 0`);
