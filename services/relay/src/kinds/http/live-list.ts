import { hash } from 'node:crypto';

/** What a file says, read again and again. */
export interface LiveList<T> {
  /** As of the last reading without a problem. */
  current: () => T;
  /** Reads it again. Each change, and each new problem, is told once, however often it is read. */
  reload: () => void;
}

export type Reading<T> = { success: true; list: T } | { success: false; problems: string[] };

/**
 * @param read reads the file, and the secrets that it names: a rotation is a change of what it returns
 * @throws {RangeError} if the first reading has problems
 */
export function createLiveList<T>(
  read: () => Reading<T>,
  events: { taken(): void; refused(problems: string[]): void },
): LiveList<T> {
  const first = read();
  if (!first.success) throw new RangeError(first.problems.join(' '));
  let { list } = first;
  let last = fingerprint(first);
  return {
    current: () => list,
    reload() {
      const result = read();
      const seen = fingerprint(result);
      if (seen === last) return;
      last = seen;
      if (!result.success) return events.refused(result.problems);
      list = result.list;
      events.taken();
    },
  };
}

/** A digest, so that secrets are not kept a second time. */
function fingerprint(result: unknown): string {
  const text = JSON.stringify(result, (_key, value: unknown) => (value instanceof Map ? [...value] : value));
  return hash('sha256', text);
}
