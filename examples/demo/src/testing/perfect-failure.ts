import { randomUUID } from 'node:crypto';
import { planFailure } from '../failure/plan.ts';
import type { FailureObservation } from '../failure/run-failure.ts';
import type { Target } from '../traffic/sign-delivery.ts';

const example = {
  event: 'deployment',
  json: JSON.stringify({ action: 'created', deployment: { id: 1 }, repository: { id: 1 } }),
};

/** What would be seen of a repository that fails and recovers, in a run in which all goes well. */
export function perfectFailure(target: Target): FailureObservation {
  const plan = planFailure([example], { target, partitions: 24, newGuid: randomUUID });
  const planned = [...plan.broken.flat(), ...plan.mended.flat()];
  const note = (requests: typeof planned) =>
    requests.map(({ delivery, guid }) => ({ key: delivery?.key ?? '', guid: guid ?? '', afterMs: 5 }));
  const isFailing = ({ delivery }: (typeof planned)[number]): boolean => delivery?.key === plan.failingKey;
  const waiting = plan.broken.flat().filter(isFailing);
  const flowing = plan.broken.flat().filter((request) => !isFailing(request));
  return {
    plan,
    exchanges: planned.map((request) => ({ request, answer: request.expected })),
    waiting: { records: waiting.length, attempts: 5 },
    notedMeanwhile: note(flowing),
    left: { records: 0, attempts: 0 },
    noted: note([...flowing, ...waiting, ...plan.mended.flat()]),
    fromLane: waiting.length,
    recoveryMs: 500,
  };
}
