import { same } from '../same-delivery.ts';
import { at, audited, inAudit, type Check } from './check.ts';

/** Claims of GUIDs above $9, to $10. */
const CLAIMED = `claim.guid > $9::uuid and claim.guid <= $10::uuid`;

/** Rules about claims, part by part. */
export const CLAIM_CHECKS: readonly Check[] = [
  {
    code: 'CLAIM_UNREAD',
    means:
      'An identity is claimed by a record that was never decided: the delivery can be suppressed without having run.',
    sql: `select ${at('claim')}, claim.guid::text as subject, 'No entry of its record is of this delivery.' as detail
            from hookline.processed_deliveries claim ${inAudit('claim')}
           where ${CLAIMED} and not ${audited('claim', `entry.stage = 'log' and (${same('entry', 'claim')} or entry.command_id is not null)`)}`,
  },
  {
    code: 'CLAIM_AHEAD',
    means: 'An identity is claimed by a record that was not read yet: when it is, it is taken for a duplicate.',
    sql: `select ${at('claim')}, claim.guid::text as subject, format('The stored offset is %s.', next_offset) as detail
            from hookline.processed_deliveries claim
            join hookline.partition_offsets stored using (topic, kafka_partition, incarnation)
           where ${CLAIMED} and claim.kafka_offset >= stored.next_offset
             and not exists (
                 select from hookline.partition_commands went
                  where went.topic = claim.topic and went.kafka_partition = claim.kafka_partition
                    and went.outcome = 'applied' and went.settled_at >= claim.claimed_at)`,
  },
  {
    code: 'CLAIM_TWICE',
    means: 'An identity is claimed by two records: its handlers have run twice.',
    sql: `select min(claim.topic) as topic, min(kafka_partition) as kafka_partition, min(incarnation) as incarnation,
                 min(kafka_offset) as kafka_offset, claim.guid::text as subject,
                 format('By offsets %s.', string_agg(distinct kafka_offset::text, ', ')) as detail
            from hookline.processed_deliveries claim
           where ${CLAIMED}
           group by claim.guid, digest, dedup_scope
          having count(distinct (claim.topic, kafka_partition, incarnation, kafka_offset)) > 1`,
  },
  {
    code: 'CLAIM_DEAD_WITHOUT_LETTER',
    means: 'An identity is claimed as dead, and nothing is kept of what died: a redelivery cannot reset it.',
    sql: `select ${at('claim')}, claim.guid::text as subject, 'There is no dead delivery of it.' as detail
            from hookline.processed_deliveries claim ${inAudit('claim')}
           where ${CLAIMED} and outcome = 'dead'
             and not exists (select from hookline.dead_deliveries dead where ${same('dead', 'claim')})
             and not exists (
                 select from hookline.audit_log settled
                  where settled.guid = claim.guid and settled.digest = claim.digest
                    and settled.decision in ('redriven', 'discarded', 'reset') and settled.effect_id is null)`,
  },
];
