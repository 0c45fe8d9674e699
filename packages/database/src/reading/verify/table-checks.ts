import { same } from '../same-delivery.ts';
import { at, audited, auditedInLane, inAudit, type Check } from './check.ts';

/** Rules about what waits, is held, is dead or was commanded: tables that are small where all is well. */
export const TABLE_CHECKS: readonly Check[] = [
  {
    code: 'LANE_COUNTERS',
    means: 'A lane says another number of records, or of bytes, than wait in it: its limits and its closing go wrong.',
    sql: `select lane.topic, lane.kafka_partition, null::integer as incarnation, null::bigint as kafka_offset,
                 lane.ordering_key as subject,
                 format('It says %s records, %s bytes, positions %s to %s; there are %s records, %s bytes.',
                        lane.records, lane.bytes, head_position, next_position, waiting.rows, waiting.bytes) as detail
            from hookline.lanes lane
           cross join lateral (
                 select count(*) as rows, coalesce(sum(octet_length(body)), 0) as bytes
                   from hookline.lane_deliveries waiting
                  where waiting.consumer_group = lane.consumer_group and waiting.topic = lane.topic
                    and waiting.kafka_partition = lane.kafka_partition and waiting.ordering_key = lane.ordering_key
                    and position >= head_position and position < next_position) as waiting
           where waiting.rows <> lane.records or waiting.bytes <> lane.bytes
              or next_position - head_position <> lane.records`,
  },
  {
    code: 'LANE_EMPTY',
    means: 'An empty lane is open, and nobody holds it: it will never run, nor close.',
    sql: `select lane.topic, kafka_partition, null::integer as incarnation, null::bigint as kafka_offset,
                 ordering_key as subject, 'It is retrying, and says that it has no records.' as detail
            from hookline.lanes lane
           where records = 0 and state = 'retrying'`,
  },
  {
    code: 'WAITING_NOWHERE',
    means: 'A delivery waits outside of any open lane: nobody will ever run it.',
    sql: `select ${at('waiting')}, waiting.guid::text as subject,
                 format('Key %s, position %s.', waiting.ordering_key, position) as detail
            from hookline.lane_deliveries waiting
           where not exists (
                 select from hookline.lanes lane
                  where lane.consumer_group = waiting.consumer_group and lane.topic = waiting.topic
                    and lane.kafka_partition = waiting.kafka_partition and lane.ordering_key = waiting.ordering_key
                    and position >= head_position and position < next_position)`,
  },
  {
    code: 'WAITING_UNREAD',
    means: 'A delivery waits whose record was never decided to: something else than the processor has put it there.',
    sql: `select ${at('waiting')}, waiting.guid::text as subject,
                 'No entry of its record says that it was parked.' as detail
            from hookline.lane_deliveries waiting ${inAudit('waiting')}
           where run = 'delivery' and not ${audited('waiting', `entry.stage = 'log' and entry.decision = 'parked' and ${same('entry', 'waiting')}`)}`,
  },
  {
    code: 'WAITING_CLAIMED',
    means: 'A delivery waits though it has been processed: when its lane comes to it, it runs a second time.',
    sql: `select ${at('waiting')}, waiting.guid::text as subject,
                 format('It was claimed as %s at offset %s.', claim.outcome, claim.kafka_offset) as detail
            from hookline.lane_deliveries waiting
            join hookline.processed_deliveries claim on ${same('claim', 'waiting')}
           where run = 'delivery'`,
  },
  {
    code: 'RUN_WITHOUT_LETTER',
    means: 'Dead handlers are to run again, and no dead letter says that they wait for it: they may run twice.',
    sql: `select ${at('waiting')}, waiting.guid::text as subject,
                 format('%s of %s waits for a %s.', handler, dead_offset, run) as detail
            from hookline.lane_deliveries waiting
           cross join unnest(dead_handlers) as handler
           where not exists (
                 select from hookline.dead_letters letter
                  where letter.consumer_group = waiting.consumer_group and letter.topic = waiting.topic
                    and letter.kafka_partition = waiting.kafka_partition
                    and letter.incarnation = waiting.dead_incarnation and letter.kafka_offset = waiting.dead_offset
                    and letter.handler = handler and letter.state = 'waiting')`,
  },
  {
    code: 'LETTER_WAITS_NOWHERE',
    means: 'A dead letter waits for a run that no lane has: it can be neither redriven nor discarded.',
    sql: `select ${at('letter')}, dead_letter_id::text as subject,
                 format('Handler %s.', coalesce(handler, 'none')) as detail
            from hookline.dead_letters letter
           where state = 'waiting' and not exists (
                 select from hookline.lane_deliveries waiting
                  where waiting.consumer_group = letter.consumer_group and waiting.topic = letter.topic
                    and waiting.kafka_partition = letter.kafka_partition
                    and waiting.dead_incarnation = letter.incarnation and waiting.dead_offset = letter.kafka_offset
                    and letter.handler = any(waiting.dead_handlers))`,
  },
  {
    code: 'LETTER_UNAUDITED',
    means: 'A dead letter is there that no decision has made: the audit, or the letter, is not what happened.',
    sql: `select ${at('letter')}, dead_letter_id::text as subject,
                 format('Handler %s.', coalesce(handler, 'none')) as detail
            from hookline.dead_letters letter ${inAudit('letter')}
           where not ${auditedInLane('letter', `entry.decision in ('dead-lettered', 'skipped')`)}
             and not exists (
                 select from hookline.lane_deliveries waiting
                  where waiting.consumer_group = letter.consumer_group and waiting.topic = letter.topic
                    and waiting.kafka_partition = letter.kafka_partition
                    and waiting.incarnation = letter.incarnation and waiting.kafka_offset = letter.kafka_offset
                    and waiting.last_run is not null)`,
  },
  {
    code: 'LETTER_UNSETTLED',
    means: 'A dead letter says that it is settled, and not since when: retention never removes it.',
    sql: `select ${at('letter')}, dead_letter_id::text as subject, format('It is %s.', state) as detail
            from hookline.dead_letters letter
           where state in ('redriven', 'discarded') and settled_at is null`,
  },
  {
    code: 'LETTER_REOPENED',
    means: 'A dead letter was discarded, and is open or has run though no operator has redriven it: it was not to run.',
    // Entries of operators name no place: where several deaths of a delivery are kept, nobody can tell which they mean.
    sql: `select ${at('letter')}, dead_letter_id::text as subject,
                 format('Handler %s is %s.', letter.handler, letter.state) as detail
            from hookline.dead_letters letter
            join hookline.dead_deliveries dead
           using (consumer_group, topic, kafka_partition, incarnation, kafka_offset)
           where letter.state <> 'discarded' and letter.handler is not null
             and exists (
                 select from hookline.audit_log entry
                  where ${same('entry', 'dead')} and entry.event = dead.event and entry.handler = letter.handler
                    and entry.stage = 'operator' and entry.decision = 'discarded' and entry.effect_id is null
                    and entry.recorded_at >= letter.dead_at
                    and not exists (
                        select from hookline.audit_log later
                         where ${same('later', 'dead')} and later.handler = letter.handler
                           and later.stage = 'operator' and later.decision = 'redriven' and later.effect_id is null
                           and later.audit_id > entry.audit_id))
             and not exists (
                 select from hookline.dead_deliveries other
                  where ${same('other', 'dead')} and other.event = dead.event
                    and (other.consumer_group, other.topic, other.kafka_partition, other.incarnation,
                         other.kafka_offset)
                     <> (letter.consumer_group, letter.topic, letter.kafka_partition, letter.incarnation,
                         letter.kafka_offset))`,
  },
  {
    code: 'DEAD_WITHOUT_LETTER',
    means: 'A delivery is kept as dead without a dead letter: nobody can redrive or discard it.',
    sql: `select ${at('dead')}, dead.guid::text as subject, 'It has no dead letter.' as detail
            from hookline.dead_deliveries dead
           where not exists (
                 select from hookline.dead_letters letter
                  where letter.consumer_group = dead.consumer_group and letter.topic = dead.topic
                    and letter.kafka_partition = dead.kafka_partition and letter.incarnation = dead.incarnation
                    and letter.kafka_offset = dead.kafka_offset)`,
  },
  {
    code: 'DEAD_UNCLAIMED',
    means:
      'A handler of a delivery is dead, and its identity is not claimed as dead: a redelivery runs every handler again.',
    sql: `select distinct on (dead.topic, dead.kafka_partition, dead.incarnation, dead.kafka_offset)
                 ${at('dead')}, dead.guid::text as subject,
                 format('Dead letter %s; claimed: %s.', dead_letter_id, coalesce(claim.outcome, 'no')) as detail
            from hookline.dead_letters letter
            join hookline.dead_deliveries dead
           using (consumer_group, topic, kafka_partition, incarnation, kafka_offset)
           cross join since
            left join hookline.processed_deliveries claim on ${same('claim', 'dead')}
           where letter.state = 'dead' and letter.handler is not null and letter.dead_at >= since.claims
             -- Claimed under another event, what died after it was released does not run again: it would be held again.
             and (claim.outcome is null or (claim.outcome <> 'dead' and claim.event = dead.event))
             and not exists (
                 select from hookline.lane_deliveries waiting where ${same('waiting', 'dead')} and last_run is not null)`,
  },
  {
    code: 'HELD_UNREAD',
    means:
      'A delivery is held whose record was never decided to be: something else than the processor has put it there.',
    sql: `select ${at('held')}, held.guid::text as subject, 'No entry of its record says that it was held.' as detail
            from hookline.held_deliveries held ${inAudit('held')}
           where not ${audited('held', `entry.stage = 'log' and entry.decision = 'held' and entry.digest = held.digest`)}`,
  },
  {
    code: 'COMMAND_UNAUDITED',
    means: 'A command is kept as settled, and the audit does not say so at its place in the log.',
    sql: `select ${at('command')}, command_id::text as subject,
                 format('%s by %s: %s.', command.command, actor, outcome) as detail
            from hookline.control_commands command ${inAudit('command')}
           where via = 'log' and outcome is not null and command.kafka_offset is not null
             and not ${audited('command', `entry.stage = 'log' and entry.command_id = command.command_id and entry.decision = command.outcome`)}`,
  },
  {
    code: 'PARTITION_UNKNOWN',
    means: 'A partition is stored that its topic cannot have: keys were placed by another number of partitions.',
    sql: `select stored.topic, kafka_partition, incarnation, next_offset as kafka_offset, stored.consumer_group as subject,
                 format('The topic is recorded with %s partitions.', partitions) as detail
            from hookline.partition_offsets stored
            join hookline.topic_generations generation on generation.topic = stored.topic
           where kafka_partition >= partitions`,
  },
  {
    code: 'PARTITION_FORGOTTEN',
    means: 'A partition was read, and its stored offset is gone: its next owner halts, or reads all of it again.',
    sql: `select generation.topic, number as kafka_partition, null::integer as incarnation, null::bigint as kafka_offset,
                 null::text as subject, 'The audit has entries of it.' as detail
            from hookline.topic_generations generation
           cross join generate_series(0, partitions - 1) as number
           where not exists (
                 select from hookline.partition_offsets stored
                  where stored.topic = generation.topic and stored.kafka_partition = number)
             and exists (
                 select from hookline.audit_log entry
                  where entry.topic = generation.topic and entry.kafka_partition = number and entry.stage = 'log')`,
  },
];
