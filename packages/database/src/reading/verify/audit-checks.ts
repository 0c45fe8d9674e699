import { same } from '../same-delivery.ts';
import { at, type Check } from './check.ts';

/**
 * The entries of a part of a partition, but for those of effects, whose epochs are those of relays: offsets from $11 to below $12 of partition $10 of topic $9.
 *
 * @param join what each is joined with
 */
const entries = (join = '') => `${ofPart(join)} and entry.stage <> 'effect'`;

const ofPart = (join = '') => `hookline.audit_log entry ${join}
           where entry.topic = $9 and entry.kafka_partition = $10::integer
             and entry.kafka_offset >= $11::bigint and entry.kafka_offset < $12::bigint`;

const later = (decisions: string) => `exists (
                 select from hookline.audit_log later
                  where later.guid = entry.guid and later.digest = entry.digest and later.audit_id > entry.audit_id and later.effect_id is null
                    and later.decision in (${decisions}))`;

/** Rules about what the audit says, part by part of each partition. */
export const AUDIT_CHECKS: readonly Check[] = [
  {
    code: 'EPOCH_AHEAD',
    means:
      'A decision is of an owner that there has not been yet: the partition’s row is of an earlier state than the audit.',
    sql: `select ${at('entry')}, entry.guid::text as subject,
                 format('Epoch %s, where the partition is at %s.', entry.epoch, stored.epoch) as detail
            from hookline.partition_offsets stored, ${entries()}
             and stored.topic = entry.topic and stored.kafka_partition = entry.kafka_partition
             and entry.epoch > stored.epoch`,
  },
  {
    code: 'AUDIT_AHEAD',
    means: 'A record was decided, and the stored offset says that it was not read yet: it will be decided again.',
    sql: `select ${at('entry')}, entry.guid::text as subject,
                 format('The stored offset is %s.', next_offset) as detail
            from hookline.partition_offsets stored, ${entries()}
             and stored.topic = entry.topic and stored.kafka_partition = entry.kafka_partition
             and stored.incarnation = entry.incarnation and entry.stage = 'log'
             and entry.kafka_offset >= stored.next_offset
             and not exists (
                 select from hookline.partition_commands went
                  where went.topic = entry.topic and went.kafka_partition = entry.kafka_partition
                    and went.outcome = 'applied' and went.settled_at >= entry.recorded_at)`,
  },
  {
    code: 'PROCESSED_UNCLAIMED',
    means: 'A delivery was processed, and its identity is not claimed: a redelivery would run it a second time.',
    sql: `select ${at('entry')}, entry.guid::text as subject, 'It has no claim.' as detail
            from since, ${entries()}
             and entry.stage = 'log' and entry.decision = 'processed' and entry.recorded_at >= since.claims
             and not exists (select from hookline.processed_deliveries claim where ${same('claim', 'entry')})`,
  },
  {
    code: 'DUPLICATE_UNCLAIMED',
    means: 'A record was taken for a duplicate, and nothing claims its identity: it may have been lost.',
    sql: `select ${at('entry')}, entry.guid::text as subject, 'It has no claim.' as detail
            from since, ${entries()}
             and entry.stage = 'log' and entry.decision = 'duplicate' and entry.guid is not null
             and entry.command_id is null and entry.recorded_at >= since.claims
             and not exists (select from hookline.processed_deliveries claim where ${same('claim', 'entry')})
             and not exists (
                 select from hookline.audit_log first
                  where first.guid = entry.guid and first.digest = entry.digest and first.recorded_at < since.claims)`,
  },
  {
    code: 'PARKED_LOST',
    means: 'A delivery was parked, and neither waits nor has an end: it was lost.',
    sql: `select ${at('entry')}, entry.guid::text as subject, format('Key %s.', entry.ordering_key) as detail
            from ${entries()}
             and entry.stage = 'log' and entry.decision = 'parked'
             and not exists (select from hookline.lane_deliveries waiting where ${same('waiting', 'entry')})
             and not ${later(`'processed', 'ignored', 'dead-lettered', 'skipped', 'discarded'`)}`,
  },
  {
    code: 'HELD_LOST',
    means: 'A delivery was held, and is neither held nor decided about: it was lost.',
    sql: `select ${at('entry')}, entry.guid::text as subject, format('Key %s.', entry.ordering_key) as detail
            from since, ${entries()}
             and entry.stage = 'log' and entry.decision = 'held' and entry.recorded_at >= since.claims
             and not exists (
                 select from hookline.held_deliveries held
                  where held.digest = entry.digest and held.dedup_scope = entry.dedup_scope and held.event = entry.event)
             and not exists (
                 select from hookline.lane_deliveries waiting
                  where waiting.digest = entry.digest and waiting.dedup_scope = entry.dedup_scope
                    and waiting.event = entry.event)
             and not exists (
                 select from hookline.processed_deliveries claim
                  where claim.digest = entry.digest and claim.dedup_scope = entry.dedup_scope
                    and claim.event = entry.event and claim.claimed_at >= entry.recorded_at)
             and not ${later(`'released', 'discarded', 'processed', 'parked'`)}`,
  },
  {
    code: 'EFFECT_LOST',
    means: 'The audit tells of an effect that is neither in the outbox nor settled: it will not be sent.',
    sql: `select ${at('entry')}, entry.effect_id::text as subject,
                 format('Handler %s, %s at %s.', entry.handler, entry.decision, entry.recorded_at) as detail
            from since, ${ofPart()}
             and entry.effect_id is not null and entry.recorded_at >= since.effects
             and not exists (select from hookline.outbox effect where effect.effect_id = entry.effect_id)
             and not exists (select from hookline.settled_effects settled where settled.effect_id = entry.effect_id)`,
  },
  {
    code: 'COMMAND_TWICE',
    means:
      'A command has taken effect at a place that is not the one that it is kept with: it was applied twice, or is not kept.',
    sql: `select ${at('entry')}, entry.command_id::text as subject,
                 coalesce(format('It is kept as %s at %s/%s.', command.outcome, command.kafka_partition,
                                 command.kafka_offset), 'It is not kept.') as detail
            from since, ${entries('left join hookline.control_commands command using (command_id)')}
             and entry.stage = 'log' and entry.decision in ('applied', 'refused') and entry.command_id is not null
             and (command.command_id is null and entry.recorded_at >= since.commands
                  or command.outcome <> entry.decision
                  or command.via = 'log' and (command.incarnation, command.kafka_offset) is distinct from (entry.incarnation, entry.kafka_offset))`,
  },
];
