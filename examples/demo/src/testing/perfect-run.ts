import { partitionOf } from '@hookline/contracts';
import type { Activity, AuditRow } from '../observe/database.ts';
import type { LogEntry } from '../observe/log.ts';
import type { Observation } from '../report/build-report.ts';
import { planTraffic } from '../traffic/plan.ts';
import { perfectEffects } from './perfect-effects.ts';
import { perfectFailure } from './perfect-failure.ts';
import { perfectOperators } from './perfect-operators.ts';

const target = { path: '/webhooks/demo', namespace: 'github.com', dedupScope: 'demo', secret: 'secret' };
const payload = (repository: number, n: number) => ({
  event: 'issues',
  json: JSON.stringify({ action: 'opened', n, repository: { id: repository } }),
});

/** What would be seen of a run, of twelve deliveries to two repositories and two to nobody, in which all goes well. */
export function perfectRun(): Observation {
  let guids = 0;
  const numbers = [1, 2, 3, 4, 5, 6];
  const lanes = planTraffic({
    examples: [
      ...numbers.flatMap((n) => [payload(1, n), payload(2, n)]),
      { event: 'ping', json: '{}' },
      { event: 'ping', json: '{"zen":"."}' },
    ],
    target,
    newGuid: () => `00000000-0000-4000-8000-${String((guids += 1)).padStart(12, '0')}`,
    large: false,
  });
  const planned = lanes.flat();
  const exchanges = planned.map((request) => ({ request, answer: request.expected }));

  const nextOffsets = new Map<number, bigint>();
  const log: LogEntry[] = planned.flatMap(({ delivery }) => {
    if (!delivery) return [];
    const { guid, digest, key } = delivery;
    const partition = partitionOf(key, 24);
    const offset = nextOffsets.get(partition) ?? 100n;
    nextOffsets.set(partition, offset + 1n);
    return [{ partition, offset, key, guid, digest }];
  });
  const audit: AuditRow[] = log.map((entry, i) => ({
    ...entry,
    decision: log.findIndex(({ guid }) => guid === entry.guid) < i ? 'duplicate' : 'processed',
  }));
  const activityBefore = new Map<string, Activity>([
    ['github.com/repository/1', { deliveries: 7, lastGuid: 'before', lastOffset: 99n }],
  ]);
  const activityAfter = new Map(activityBefore);
  for (const { decision, key, guid, offset } of audit) {
    if (decision !== 'processed') continue;
    const deliveries = (activityAfter.get(key)?.deliveries ?? 0) + 1;
    activityAfter.set(key, { deliveries, lastGuid: guid, lastOffset: offset });
  }
  const count = audit.filter(({ decision }) => decision === 'processed').length;
  const acceptToCommit = {
    count,
    buckets: [
      { upTo: 0.01, count },
      { upTo: Infinity, count },
    ],
  };
  return {
    planned,
    exchanges,
    log,
    audit,
    activityBefore,
    activityAfter,
    acceptToCommit,
    failure: perfectFailure(target),
    operators: perfectOperators(),
    effects: perfectEffects(target),
    restarts: 0,
  };
}
