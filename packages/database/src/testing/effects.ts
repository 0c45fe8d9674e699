import type { RequestedEffect } from '@hookline/contracts';
import { SETTLED_COLUMNS } from '../outbox/settled-columns.ts';
import type { EffectToWrite } from '../outbox/write-outbox.ts';
import { logged } from './deliveries.ts';

/** An effect of a delivery of its own, but for what is given. */
export function effect(
  key = '#0',
  given: Partial<Omit<EffectToWrite, 'requested'>> & { requested?: Partial<RequestedEffect> } = {},
): EffectToWrite {
  const { requested, ...place } = given;
  return {
    handler: 'welcome',
    record: logged('github.com/repository/1', { offset: 7n }),
    incarnation: 2,
    ...place,
    requested: { kind: 'github.comment', key, queue: '', request: { body: 'Thanks!' }, withBody: false, ...requested },
  };
}

/** Settles an effect as a relay does that has sent it. */
export const SETTLE = `
  with sent as (delete from hookline.outbox where effect_id = $1 returning *)
  insert into hookline.settled_effects (${SETTLED_COLUMNS}, outcome, attempts)
  select ${SETTLED_COLUMNS}, 'sent', total_attempts from sent`;
