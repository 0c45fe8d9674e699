import { hash } from 'node:crypto';
import type { SourcesResult } from './parse-sources.ts';
import type { Source } from './source.ts';

/** The sources that hold now. */
export interface SourceStore {
  /** The source of a path, or undefined. */
  find(path: string): Source | undefined;
  /**
   * Reads them again. New ones hold from the next request on; with any problem the old ones stay. Each change and
   * each new problem is told once, however often it is read.
   */
  reload(): void;
}

/**
 * @param read reads and parses the sources, with their secrets: rotation is a change of what it returns, be it the
 *   list or a file that the list names
 * @throws if the first reading has problems
 */
export function createSourceStore(
  read: () => SourcesResult,
  events: { sourcesLoaded(sources: readonly Source[]): void; sourcesRefused(problems: string[]): void },
): SourceStore {
  let byPath = new Map<string, Source>();
  let last = '';

  const store: SourceStore = {
    find: (path) => byPath.get(path),
    reload() {
      const result = read();
      const seen = fingerprint(result);
      if (seen === last) return;
      last = seen;
      if (!result.success) {
        events.sourcesRefused(result.problems);
        return;
      }
      byPath = new Map(result.sources.map((source) => [source.path, source]));
      events.sourcesLoaded(result.sources);
    },
  };
  store.reload();
  if (byPath.size === 0) throw new RangeError('The sources had problems when they were first read.');
  return store;
}

/** A digest, so that the secrets are not kept a second time. */
function fingerprint(result: SourcesResult): string {
  return hash(
    'sha256',
    JSON.stringify(result, (_key, value: unknown) => (value instanceof Set ? [...value] : value)),
  );
}
