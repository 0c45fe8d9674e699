import type { AuditRow } from '../observe/database.ts';
import type { LogEntry } from '../observe/log.ts';
import type { Exchange } from '../traffic/send.ts';
import { exactly, type Row } from './row.ts';

/**
 * What became of the deliveries, from what we were promised (a 202 each), what is in the log, and what the audit says.
 * How many duplicates there must be follows from the log: an append that was repeated after an uncertain answer may
 * be there more often than it was accepted, and each further one must have changed nothing.
 */
export function effectRows(
  exchanges: readonly Exchange[],
  log: readonly LogEntry[],
  audit: readonly AuditRow[],
): Row[] {
  const accepted = countBy(
    exchanges.flatMap(({ request: { delivery }, answer }) => (delivery && answer.status === 202 ? [delivery] : [])),
  );
  const logged = countBy(log);
  const processed = countBy(audit.filter(({ decision }) => decision === 'processed'));
  const decided = (decision: AuditRow['decision']): number => audit.filter((row) => row.decision === decision).length;
  const audited = new Set(audit.map(placeOf));
  const promised = sum([...accepted.values()]);
  const kept = sum([...accepted].map(([identity, count]) => Math.min(count, logged.get(identity) ?? 0)));

  return [
    exactly('Log', 'accepted deliveries that are in the log', promised, kept),
    exactly(
      'Log',
      'refused requests that are in the log',
      0,
      log.filter((entry) => !accepted.has(identityOf(entry))).length,
    ),
    exactly('Effects', 'processed', accepted.size, decided('processed')),
    exactly('Effects', 'processed, each once', accepted.size, onceEach(accepted, processed)),
    exactly('Effects', 'duplicates that changed nothing', log.length - logged.size, decided('duplicate')),
    exactly('Effects', 'ignored', 0, decided('ignored')),
    exactly(
      'Effects',
      'records of the log with an audit row',
      log.length,
      log.filter((it) => audited.has(placeOf(it))).length,
    ),
  ];
}

function onceEach(accepted: ReadonlyMap<string, number>, processed: ReadonlyMap<string, number>): number {
  return [...accepted.keys()].filter((identity) => processed.get(identity) === 1).length;
}

function countBy(deliveries: readonly { guid: string; digest: string }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const delivery of deliveries) {
    const identity = identityOf(delivery);
    counts.set(identity, (counts.get(identity) ?? 0) + 1);
  }
  return counts;
}

function identityOf({ guid, digest }: { guid: string; digest: string }): string {
  return `${guid} ${digest}`;
}

function placeOf({ partition, offset }: LogEntry | AuditRow): string {
  return `${partition}/${offset}`;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
