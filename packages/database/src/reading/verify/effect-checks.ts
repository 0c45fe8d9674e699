import { same } from '../same-delivery.ts';
import type { Check } from './check.ts';

const OF_PARTITION = 'effect.topic, effect.kafka_partition, null::integer as incarnation, null::bigint as kafka_offset';

/** Rules about effects that are not settled: as many as wait, or are dead. */
export const OUTBOX_CHECKS: readonly Check[] = [
  {
    code: 'EFFECT_TWICE',
    means: 'An effect is settled, and in the outbox besides: it can be sent a second time.',
    sql: `select ${OF_PARTITION}, effect.effect_id::text as subject,
                 format('It is %s, and was %s at %s.', state, outcome, settled_at) as detail
            from hookline.outbox effect join hookline.settled_effects settled using (effect_id)`,
  },
  {
    code: 'EFFECT_UNCLAIMED',
    means:
      'An effect is to be sent of a delivery that is neither claimed nor waits: it was not written with its claim.',
    sql: `select ${OF_PARTITION}, effect.effect_id::text as subject,
                 format('Handler %s, delivery %s.', handler, guid) as detail
            from since, hookline.outbox effect
           where effect.created_at >= since.claims
             and not exists (select from hookline.processed_deliveries claim where ${same('claim', 'effect')})
             and not exists (select from hookline.lane_deliveries waiting where ${same('waiting', 'effect')})`,
  },
];

/** Rules about settled effects, in parts: of deliveries with GUIDs above $9, to $10. */
export const SETTLED_CHECKS: readonly Check[] = [
  {
    code: 'EFFECT_SETTLED_TWICE',
    means: 'An effect was settled twice: it may have been sent twice.',
    sql: `select min(effect.topic) as topic, min(effect.kafka_partition) as kafka_partition,
                 null::integer as incarnation, null::bigint as kafka_offset, effect.effect_id::text as subject,
                 format('At %s.', string_agg(settled_at::text, ', ')) as detail
            from hookline.settled_effects effect
           where effect.guid > $9::uuid and effect.guid <= $10::uuid
           group by effect.effect_id
          having count(*) > 1`,
  },
  {
    code: 'EFFECT_UNTOLD',
    means: 'An effect is settled, and the audit does not say so: something else than a relay or an operator did it.',
    // The audit loses its oldest entries first: with that of the delivery it has what came after it.
    sql: `select ${OF_PARTITION}, effect.effect_id::text as subject,
                 format('Handler %s, %s at %s.', handler, outcome, settled_at) as detail
            from hookline.settled_effects effect
           where effect.guid > $9::uuid and effect.guid <= $10::uuid
             and exists (select from hookline.audit_log entry where ${same('entry', 'effect')} and entry.stage = 'log')
             and not exists (
                 select from hookline.audit_log entry
                  where ${same('entry', 'effect')} and entry.effect_id = effect.effect_id
                    and entry.decision in ('sent', 'discarded'))`,
  },
];
