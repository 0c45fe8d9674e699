/** Whose limits effects come under: how many of each may be sent at once, and from when on. */
export interface Targets {
  /** Takes a place of the target, if it may have one now; null: a target that is not known yet, which is not held up. */
  reserve(target: string | null, now: number): boolean;
  /** Gives the place back, with how it went; `limitedForMs`: nothing may be sent to it for so long. */
  release(target: string | null, end: { success: boolean | null; limitedForMs?: number }, now: number): void;
  /** When something may be sent to the target again; null: now. */
  limitedUntil(target: string, now: number): number | null;
  /** When to ask again about a target that takes nothing and will not soon: limited, or broken and full; null: it may. */
  closedUntil(target: string, now: number): number | null;
  /** The earliest time at which a limit ends; infinite: there is none. */
  nextOpenAt(now: number): number;
}

interface TargetState {
  inFlight: number;
  failures: number;
  limitedUntil: number;
}

/** Failures in a row after which a target is taken for broken. */
const SUSPICIOUS = 5;
/** What of all places one target may have, and what if it is taken for broken. */
const SHARE = 2;
const BROKEN_SHARE = 16;
/** How long what waits for a broken target need not be looked at, in milliseconds. */
const BROKEN_REST_MS = 5000;
/** Targets of which something is remembered; of what has failed and is idle the oldest are forgotten beyond that. */
const REMEMBERED = 10_000;

/**
 * One target that hangs must not have all places: then nothing would be sent to the others until its deadlines are over.
 */
export function createTargets(concurrency: number): Targets {
  const targets = new Map<string, TargetState>();

  function places({ failures }: TargetState): number {
    return Math.max(1, Math.floor(concurrency / (failures >= SUSPICIOUS ? BROKEN_SHARE : SHARE)));
  }

  /** A user's route may have a host for each repository: those that failed once must not fill the memory. */
  function forget(now: number): void {
    for (const [target, state] of targets) {
      if (targets.size <= REMEMBERED) return;
      if (state.inFlight === 0 && state.limitedUntil <= now) targets.delete(target);
    }
  }

  return {
    reserve(target, now) {
      if (target === null) return true;
      const state = targets.get(target) ?? { inFlight: 0, failures: 0, limitedUntil: 0 };
      if (state.limitedUntil > now || state.inFlight >= places(state)) return false;
      state.inFlight += 1;
      targets.set(target, state);
      return true;
    },
    release(target, { success, limitedForMs }, now) {
      const state = target === null ? undefined : targets.get(target);
      if (!state || target === null) return;
      state.inFlight -= 1;
      if (success !== null) state.failures = success ? 0 : state.failures + 1;
      if (limitedForMs !== undefined) state.limitedUntil = Math.max(state.limitedUntil, now + limitedForMs);
      // Nothing to remember: otherwise each host ever seen would stay in memory.
      if (state.inFlight === 0 && state.failures === 0 && state.limitedUntil <= now) targets.delete(target);
      if (targets.size > REMEMBERED) forget(now);
    },
    limitedUntil(target, now) {
      const until = targets.get(target)?.limitedUntil ?? 0;
      return until > now ? until : null;
    },
    closedUntil(target, now) {
      const state = targets.get(target);
      if (!state) return null;
      if (state.limitedUntil > now) return state.limitedUntil;
      return state.failures >= SUSPICIOUS && state.inFlight >= places(state) ? now + BROKEN_REST_MS : null;
    },
    nextOpenAt(now) {
      let next = Number.POSITIVE_INFINITY;
      for (const [target, state] of targets) {
        if (state.limitedUntil > now) next = Math.min(next, state.limitedUntil);
        else if (state.inFlight === 0 && state.failures === 0) targets.delete(target);
      }
      return next;
    },
  };
}
