import { same } from './same-delivery.ts';

/**
 * - `processed`: claimed, and no dead handler is left
 * - `dead`: claimed, and at least one handler is dead; or not to be handled at all, and dead-lettered for that
 * - `discarded`: claimed by a decision, never run
 * - `waiting`: in its key's lane
 * - `held`: not run until an operator has decided
 */
export type DeliveryState = 'processed' | 'dead' | 'discarded' | 'waiting' | 'held';

/**
 * SQL: the state of the delivery of an audit row, now; null where nothing is kept of it (it was ignored, or its claim is
 * beyond the horizon). A held delivery is found by its payload and event, since one row stands for all its arrivals.
 */
export function stateOf(entry: string): string {
  return `case
    when ${entry}.decision = 'held' and exists (
         select from hookline.held_deliveries held
          where held.topic = ${entry}.topic and held.kafka_partition = ${entry}.kafka_partition
            and held.digest = ${entry}.digest and held.dedup_scope = ${entry}.dedup_scope
            and held.event = ${entry}.event and held.state = 'held') then 'held'
    when exists (select from hookline.lane_deliveries waiting where ${same('waiting', entry)}) then 'waiting'
    when exists (
         select from hookline.dead_deliveries dead
           join hookline.dead_letters letter
             using (consumer_group, topic, kafka_partition, incarnation, kafka_offset)
          where ${same('dead', entry)} and letter.state in ('dead', 'waiting')) then 'dead'
    else (select case claim.outcome when 'discarded' then 'discarded' else 'processed' end
            from hookline.processed_deliveries claim
           where ${same('claim', entry)}
           limit 1) end`;
}
