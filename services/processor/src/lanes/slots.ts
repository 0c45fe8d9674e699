/** A bounded number of places, handed out in the order in which they were asked for. */
export interface Slots {
  /** Resolves to the release of a place; rejects with the signal's reason when it is aborted while waiting. */
  take(signal: AbortSignal): Promise<() => void>;
}

/**
 * How many lanes of this process run at once, over all its partitions. First come, first served: a lane that goes on
 * after a run asks again, behind those that wait, so that a long one does not starve the others.
 */
export function createSlots(count: number): Slots {
  let free = count;
  const waiting = new Set<() => void>();

  function release(): void {
    const [next] = waiting;
    if (next === undefined) {
      free += 1;
      return;
    }
    waiting.delete(next);
    next();
  }

  /** A place is given back once, however often its release is called. */
  function place(): () => void {
    let held = true;
    return () => {
      if (held) release();
      held = false;
    };
  }

  return {
    async take(signal) {
      signal.throwIfAborted();
      if (free > 0) {
        free -= 1;
        return place();
      }
      return new Promise((resolve, reject) => {
        const given = () => {
          signal.removeEventListener('abort', lost);
          resolve(place());
        };
        const lost = () => {
          waiting.delete(given);
          reject(signal.reason as Error);
        };
        waiting.add(given);
        signal.addEventListener('abort', lost, { once: true });
      });
    },
  };
}
