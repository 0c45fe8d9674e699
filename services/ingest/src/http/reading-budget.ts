import type { Clock } from '@hookline/runtime';

/** A body that is being read. */
export interface Reading {
  readonly startedAt: number;
  bytes: number;
  /** Gives it up; the reason becomes its answer. It must call `end` in turn. */
  abandon(reason: 'OVERLOADED' | 'REQUEST_TOO_SLOW'): void;
}

export interface ReadingLimits {
  maxBytes: number;
  maxRequests: number;
  /** Bytes per second that a body must have arrived at on average, once it is older than `graceMs`. */
  minBytesPerSecond: number;
  graceMs: number;
  /** Longest time for a body, in milliseconds, however fast. */
  maxMs: number;
}

/**
 * Bounds what bodies hold while they are read: that is while nobody knows whether they are GitHub's, since only the
 * whole body can be verified. Verified deliveries are bounded elsewhere (the log's own limits), so that junk cannot
 * take their place.
 *
 * When the bounds are reached, the newcomer is not what goes: an attacker would only have to come first. Bytes are
 * taken from the body that holds the most (GitHub's are small, to fill the budget takes large ones or very many), a
 * place from the body that is slowest (GitHub's arrive in milliseconds, to keep a place takes time). What gives way is
 * answered 503.
 */
export interface ReadingBudget {
  readonly bytes: number;
  readonly requests: number;
  begin(reading: Reading): void;
  /** Takes budget as bytes arrive, never as they are declared. May abandon this very reading. */
  take(reading: Reading, bytes: number): void;
  end(reading: Reading): void;
  /** Abandons the bodies that are too slow. To be called about each second. */
  tick(): void;
}

export function createReadingBudget(limits: ReadingLimits, clock: Clock): ReadingBudget {
  const readings = new Set<Reading>();
  let total = 0;

  const seconds = (reading: Reading, now: number): number => (now - reading.startedAt) / 1000;

  const worst = (score: (reading: Reading) => number): Reading | undefined => {
    let found: Reading | undefined;
    let highest = -Infinity;
    for (const reading of readings) {
      const value = score(reading);
      if (value > highest) [found, highest] = [reading, value];
    }
    return found;
  };

  return {
    get bytes() {
      return total;
    },
    get requests() {
      return readings.size;
    },
    begin(reading) {
      readings.add(reading);
      if (readings.size <= limits.maxRequests) return;
      const now = clock.monotonic();
      // The time a body has taken beyond what its bytes are worth; a newcomer has taken none.
      worst((other) => seconds(other, now) - other.bytes / limits.minBytesPerSecond)?.abandon('OVERLOADED');
    },
    take(reading, bytes) {
      // What has ended has no share any more: bytes that nobody gives back would fill the budget for ever.
      if (!readings.has(reading)) return;
      reading.bytes += bytes;
      total += bytes;
      while (total > limits.maxBytes) worst((other) => other.bytes)?.abandon('OVERLOADED');
    },
    end(reading) {
      if (readings.delete(reading)) total -= reading.bytes;
    },
    tick() {
      const now = clock.monotonic();
      for (const reading of [...readings]) {
        const due = (seconds(reading, now) - limits.graceMs / 1000) * limits.minBytesPerSecond;
        if (reading.bytes < due || now - reading.startedAt > limits.maxMs) reading.abandon('REQUEST_TOO_SLOW');
      }
    },
  };
}
