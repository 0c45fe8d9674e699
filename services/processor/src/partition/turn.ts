/**
 * One at a time, first come first served, within this process. A partition has one, which its slices and its lanes'
 * ends take before they lock the fence: PostgreSQL would queue them there too, behind locks that each may want of the
 * other. The process has one for suspects, so that when it dies of one no other is blamed.
 */
export interface Turn {
  /** Resolves with what gives it back, safe to call twice. Rejects with the signal's reason once that is aborted. */
  take(signal: AbortSignal): Promise<() => void>;
  /** As `take`, but null when it was not to be had within `ms`. */
  takeWithin(ms: number, signal: AbortSignal): Promise<(() => void) | null>;
}

export function createTurn(): Turn {
  const waiting = new Set<() => void>();
  let taken = false;

  function give(): () => void {
    let given = true;
    taken = true;
    return () => {
      if (!given) return;
      given = false;
      const [next] = waiting;
      if (next) next();
      else taken = false;
    };
  }

  async function take(signal: AbortSignal, ms: number | null): Promise<(() => void) | null> {
    signal.throwIfAborted();
    if (!taken) return give();
    const turn = Promise.withResolvers<(() => void) | null>();
    // Whoever stops waiting leaves the queue in the same moment: a turn given to nobody would never come back.
    const leave = (settle: () => void) => () => {
      waiting.delete(onTurn);
      settle();
    };
    const onTurn = leave(() => turn.resolve(give()));
    const onAbort = leave(() => turn.reject(signal.reason));
    const timer =
      ms === null
        ? undefined
        : setTimeout(
            leave(() => turn.resolve(null)),
            ms,
          );
    waiting.add(onTurn);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await turn.promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  }

  return {
    take: async (signal) => (await take(signal, null)) as () => void,
    takeWithin: (ms, signal) => take(signal, ms),
  };
}
