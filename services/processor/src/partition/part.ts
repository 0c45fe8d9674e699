import type { LaneTries } from '@hookline/database';
import { isControl, type LogRecord } from '../slice/record.ts';

/** Records that are to be run together. */
export interface Part {
  /** Contiguous, in log order, at least one. */
  records: readonly LogRecord[];
  /** Those that are parked without a run, by offset. */
  failed: ReadonlyMap<bigint, LaneTries>;
  /** How many times it has been run again at once. */
  again: number;
}

export function partOf(...records: readonly LogRecord[]): Part {
  return { records, failed: new Map(), again: 0 };
}

/** Single records up to `suspects`, then all others together; but control records apart from deliveries. */
export function oneByOne(records: readonly LogRecord[], suspects = records.length): Part[] {
  const first = records.slice(0, suspects).map((record) => partOf(record));
  return [...first, ...byKind(records.slice(suspects))];
}

function byKind(records: readonly LogRecord[]): Part[] {
  const parts: LogRecord[][] = [];
  for (const record of records) {
    const last = parts.at(-1);
    if (last && isControl(last[0] as LogRecord) === isControl(record)) last.push(record);
    else parts.push([record]);
  }
  return parts.map((some) => partOf(...some));
}

/** What to run instead of a part that failed: around the record that failed, or one by one where it is unknown. */
export function isolate({ records }: Part, failed: LogRecord | null): Part[] {
  if (failed === null) return oneByOne(records);
  const index = records.indexOf(failed);
  return [records.slice(0, index), [failed], records.slice(index + 1)]
    .filter((some) => some.length > 0)
    .map((some) => partOf(...some));
}
