import { randomUUID } from 'node:crypto';
import { planEffects } from '../effects/plan.ts';
import { isPush, issueOf, WAVES, type EffectsObservation } from '../effects/run-effects.ts';
import type { Target } from '../traffic/sign-delivery.ts';

const repository = { id: 1, name: 'one', full_name: 'octo-org/one', owner: { login: 'octo-org' } };
const examples = [
  { event: 'issues', json: JSON.stringify({ action: 'opened', issue: { number: 1 }, repository }) },
  { event: 'push', json: JSON.stringify({ commits: [], after: '', repository }) },
];

/** What would be seen of effects, in a run in which all goes well. */
export function perfectEffects(target: Target): EffectsObservation {
  const plan = planEffects(examples, { target, newGuid: randomUUID, waves: WAVES });
  const deliveries = plan.waves.flat(2);
  const pushes = deliveries.filter(isPush);
  const issues = deliveries.filter((one) => !isPush(one));
  return {
    plan,
    exchanges: [...deliveries, ...deliveries, ...deliveries].map((request) => ({ request, answer: request.expected })),
    kills: WAVES,
    sent: new Map([
      ['github.comment', issues.length],
      ['kafka.publish', pushes.length],
      ['http.forward', pushes.length],
    ]),
    left: 0,
    comments: new Map(issues.map((one) => [issueOf(one), 1])),
    doubled: 0,
    mismatches: 0,
    synced: pushes.map(({ guid, delivery: { key } }) => ({ guid, key })),
    forwarded: pushes.map(({ guid }) => ({ guid, idempotencyKey: `of ${guid}` })),
  };
}
