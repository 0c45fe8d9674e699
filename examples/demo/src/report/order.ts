import type { Activity, AuditRow } from '../observe/database.ts';
import type { LogEntry } from '../observe/log.ts';
import type { Exchange } from '../traffic/send.ts';

/** Whether one key's deliveries were kept in order, and where not, why. */
export interface KeyOrder {
  key: string;
  ofRepository: boolean;
  problems: string[];
}

export interface OrderEvidence {
  /** In the order of sending within each key. */
  exchanges: readonly Exchange[];
  /** In the order of the log within each key. */
  log: readonly LogEntry[];
  /** In the order of commit within each key. */
  audit: readonly AuditRow[];
  activityBefore: ReadonlyMap<string, Activity>;
  activityAfter: ReadonlyMap<string, Activity>;
}

/**
 * Compares, key by key, four tellings of one story: the order in which we got a 202, the log read by ourselves, the
 * order in which the processor committed, and what the built-in handler has counted.
 */
export function checkOrder(evidence: OrderEvidence): KeyOrder[] {
  const accepted = evidence.exchanges.filter(({ request, answer }) => request.delivery && answer.status === 202);
  const sent = Map.groupBy(accepted, ({ request }) => request.delivery?.key ?? '');
  const log = Map.groupBy(evidence.log, ({ key }) => key);
  const audit = Map.groupBy(evidence.audit, ({ key }) => key);
  return [...sent].map(([key, exchanges]) => {
    const logged = log.get(key) ?? [];
    const audited = audit.get(key) ?? [];
    const guids = exchanges.map(({ request }) => request.guid ?? '');
    const processed = audited.filter(({ decision }) => decision === 'processed');
    const problems = [
      ...differences(
        'the log has another order than arrival',
        collapse(guids),
        collapse(logged.map(({ guid }) => guid)),
      ),
      ...differences('effects have another order than the log', logged.map(place), audited.map(place)),
      ...activityProblems(evidence.activityBefore.get(key), evidence.activityAfter.get(key), processed),
    ];
    return { key, ofRepository: exchanges[0]?.request.delivery?.ofRepository ?? false, problems };
  });
}

function activityProblems(before: Activity | undefined, after: Activity | undefined, processed: AuditRow[]): string[] {
  const counted = (after?.deliveries ?? 0) - (before?.deliveries ?? 0);
  const last = processed.at(-1);
  return [
    ...differences('repository_activity has counted wrongly', [String(processed.length)], [String(counted)]),
    ...differences(
      'repository_activity names another last delivery',
      last ? [`${last.guid} at ${last.offset}`] : [],
      last && after ? [`${after.lastGuid} at ${after.lastOffset}`] : [],
    ),
  ];
}

/** A delivery may be in the log twice in a row when an append was repeated: that changes no order. */
function collapse(guids: string[]): string[] {
  return guids.filter((guid, i) => guid !== guids[i - 1]);
}

function place({ partition, offset, guid }: LogEntry | AuditRow): string {
  return `${partition}/${offset} ${guid}`;
}

function differences(what: string, expected: string[], actual: string[]): string[] {
  const length = Math.max(expected.length, actual.length);
  for (let i = 0; i < length; i += 1) {
    if (expected[i] === actual[i]) continue;
    return [`${what}: at position ${i} expected ${expected[i] ?? 'nothing'}, found ${actual[i] ?? 'nothing'}`];
  }
  return [];
}
