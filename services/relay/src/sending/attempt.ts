import type { Attempt, Clock, SendableEffect } from '@hookline/runtime';
import type { HeldShard } from '../leases/held-shards.ts';
import { isBefore, momentNow, type Moment } from '../leases/lease-time.ts';

/** An attempt, and what is known of it while it runs. */
export interface RunningAttempt extends Attempt {
  /** Its first byte may have gone out. */
  hasBegun(): boolean;
  /** It was told that it may not begin. */
  wasRefused(): boolean;
  /** Its signal says no more. */
  end(): void;
}

export interface AttemptSettings {
  effect: SendableEffect;
  held: HeldShard;
  /** Before the attempt was recorded, plus the deadline: so no later than the database has it. */
  endsAt: Moment;
  clock: Clock;
  /** Aborted when the relay must end now. */
  ending: AbortSignal;
}

/** What `begin` throws when no attempt may begin any more. */
export class NotBegun extends Error {
  override name = 'NotBegun';
}

export function createAttempt({ effect, held, endsAt, clock, ending }: AttemptSettings): RunningAttempt {
  const deadlineMs = Math.max(0, Math.floor(endsAt.monotonic - clock.monotonic()));
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(new Error(`It took longer than its ${deadlineMs} ms.`)), deadlineMs);
  const { signal } = over;
  // Not by `AbortSignal.any`: both outlive thousands of attempts, which only the garbage collector would take from them.
  const sources = [held.lost.signal, ending];
  const onAbort = ({ target }: Event) => over.abort((target as AbortSignal).reason);
  for (const source of sources) {
    if (source.aborted) over.abort(source.reason);
    else source.addEventListener('abort', onAbort);
  }
  let hasBegun = false;
  let wasRefused = false;

  function refuse(reason: string): never {
    wasRefused = true;
    throw new NotBegun(reason);
  }

  return {
    effectId: effect.effectId,
    number: effect.attempts,
    signal,
    deadlineMs,
    begin() {
      // A process that was frozen comes here late, with a timer that has not fired yet: only the clocks tell.
      if (!isBefore(momentNow(clock), endsAt)) refuse('Its time was over before it began.');
      if (signal.aborted) refuse(`It was ended before it began: ${(signal.reason as Error).message}`);
      if (!isBefore(endsAt, held.validUntil)) {
        refuse('The lease of its shard could end before it does.');
      }
      hasBegun = true;
    },
    hasBegun: () => hasBegun,
    wasRefused: () => wasRefused,
    end() {
      clearTimeout(timer);
      for (const source of sources) source.removeEventListener('abort', onAbort);
    },
  };
}
