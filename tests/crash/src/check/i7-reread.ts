import { placeOf, type LogRecord, type PartitionName } from './facts.ts';
import { violation, type Violation } from './violation.ts';

/** What a reading of the whole log, from its beginning, has found and left. */
export interface Reread {
  log: readonly LogRecord[];
  /** Rows of stage `log` that it has written. */
  audit: readonly { partition: PartitionName; offset: bigint; decision: string }[];
  /** Of all tables of the state, before and after. */
  hashes: { before: Readonly<Record<string, string>>; after: Readonly<Record<string, string>> };
}

/** I7: reading the log again does nothing, says so of each record, and leaves every table as it was. */
export function nothingAgain({ log, audit, hashes }: Reread): Violation[] {
  const rows = Map.groupBy(audit, placeOf);
  const wrong = log.flatMap((record) => {
    const place = placeOf(record);
    const decisions = (rows.get(place) ?? []).map(({ decision }) => decision);
    const due = decisionsDue(record);
    return decisions.length === 1 && due.includes(decisions[0] as string)
      ? []
      : [`${place}: ${decisions.join(', ') || 'nothing'} instead of ${due.join(' or ')}`];
  });
  const changed = Object.keys(hashes.before).filter((table) => hashes.before[table] !== hashes.after[table]);
  return [
    ...violation('I7', 'records that were read again, and decided as if they were new', wrong),
    ...violation('I7', 'tables that are not as they were before the log was read again', changed),
  ];
}

function decisionsDue({ delivery, command }: LogRecord): string[] {
  if (command) return ['duplicate'];
  return delivery ? ['reread', 'duplicate', 'ignored'] : ['dead-lettered'];
}
