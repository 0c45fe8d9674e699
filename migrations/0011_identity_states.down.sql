-- Cannot be undone: what is held is lost, and so is what the older release has no word for: the audit's rows about it, how
-- dead letters were settled, and which runs of lanes are of dead handlers only (those leave their lanes).
with gone as (
  delete from hookline.lane_deliveries
   where run in ('reset', 'redrive')
  returning consumer_group, topic, kafka_partition, ordering_key, octet_length(body) as bytes
)
update hookline.lanes lane
   set records = lane.records - less.records, bytes = lane.bytes - less.bytes,
       head_position = coalesce(
         (select min(position)
            from hookline.lane_deliveries left_over
           where left_over.consumer_group = lane.consumer_group and left_over.topic = lane.topic
             and left_over.kafka_partition = lane.kafka_partition and left_over.ordering_key = lane.ordering_key
             and left_over.run not in ('reset', 'redrive')),
         lane.next_position)
  from (select consumer_group, topic, kafka_partition, ordering_key, count(*) as records, sum(bytes) as bytes
          from gone group by consumer_group, topic, kafka_partition, ordering_key) as less
 where lane.consumer_group = less.consumer_group and lane.topic = less.topic
   and lane.kafka_partition = less.kafka_partition and lane.ordering_key = less.ordering_key;

drop index hookline.lane_deliveries_by_payload;

alter table hookline.lane_deliveries
  drop column run,
  drop column dead_incarnation,
  drop column dead_offset,
  drop column dead_handlers;

delete from hookline.dead_letters where reason in ('event-mismatch', 'skipped') or state <> 'dead';

alter table hookline.dead_letters
  drop constraint dead_letters_check,
  drop constraint dead_letters_reason_check,
  drop column state,
  drop column generation,
  drop column occurrences,
  drop column settled_at,
  add constraint dead_letters_reason_check check (reason in ('handler-failed', 'process-killed', 'undecodable')),
  add constraint dead_letters_check check ((handler is null) = (reason = 'undecodable'));

drop index hookline.dead_deliveries_by_digest;

alter table hookline.dead_deliveries
  drop column body_bytes,
  drop column seen_incarnation,
  drop column seen_offset;

drop table hookline.held_deliveries;

delete from hookline.audit_log
 where stage = 'operator'
    or decision in ('reread', 'discarded', 'applied', 'released', 'redriven', 'skipped', 'erased')
    or (stage = 'log' and decision in ('held', 'refused'));

alter table hookline.audit_log
  drop constraint audit_log_decision_check,
  drop constraint audit_log_stage_check,
  drop column flags,
  add constraint audit_log_stage_check check (stage in ('log', 'lane', 'partition')),
  add constraint audit_log_decision_check check (
    decision in ('processed', 'duplicate', 'ignored', 'parked', 'reset', 'retried', 'dead-lettered', 'held', 'resumed',
                 'refused'));

drop index hookline.processed_deliveries_by_digest;

alter table hookline.processed_deliveries drop column outcome;
