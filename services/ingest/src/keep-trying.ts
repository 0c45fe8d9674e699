/** Something that is needed once, and may not be there yet. */
export interface Attempts<T> {
  /** Begins to try, at once and then after each failure, until it succeeds or is stopped. Does not wait. */
  start(): void;
  stop(): void;
  /** What came of it, or undefined so far. */
  value(): T | undefined;
  /** The same as soon as it is there, to all who wait in the order of their calls; undefined where that takes longer. */
  valueWithin(milliseconds: number): Promise<T | undefined>;
  /** Why it has not succeeded: the last failure, in words. Undefined before the first, and after success. */
  failure(): string | undefined;
}

/**
 * A service must start, and answer its probes, while what it needs is still starting: it keeps trying and says what
 * it waits for.
 */
export function keepTrying<T>(settings: {
  attempt: () => Promise<T>;
  retryMs: number;
  succeeded?: (value: T) => void;
  /** Told once per reason, however often it fails for it. */
  failed: (error: unknown) => void;
}): Attempts<T> {
  let value: T | undefined;
  let failure: string | undefined;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const waiting = new Set<(result?: T) => void>();

  const run = async (): Promise<void> => {
    try {
      const result = await settings.attempt();
      if (stopped) return;
      [value, failure] = [result, undefined];
      for (const settle of waiting) settle(result);
      settings.succeeded?.(result);
    } catch (error) {
      if (stopped) return;
      const before = failure;
      failure = error instanceof Error ? error.message : String(error);
      if (failure !== before) settings.failed(error);
      timer = setTimeout(() => void run(), settings.retryMs);
    }
  };
  return {
    start: () => void run(),
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
    value: () => value,
    valueWithin(milliseconds) {
      if (value !== undefined) return Promise.resolve(value);
      const { promise, resolve } = Promise.withResolvers<T | undefined>();
      const settle = (result?: T): void => {
        clearTimeout(late);
        waiting.delete(settle);
        resolve(result);
      };
      const late = setTimeout(() => settle(), Math.max(0, milliseconds));
      waiting.add(settle);
      return promise;
    },
    failure: () => failure,
  };
}
