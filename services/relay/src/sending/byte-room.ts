/** Room for the bytes of what is being sent at once. A single larger effect goes alone. */
export interface ByteRoom {
  /**
   * Asks for effects in turn, by {@link mayTake}, and again where it turns out that the one all others waited for is not
   * there any more.
   */
  inRounds(ask: () => void): void;
  /** Whether there is room for an effect now, and it is nobody else's turn. */
  mayTake(effectId: string, bytes: number): boolean;
  take(bytes: number): void;
  giveBack(bytes: number): void;
}

/**
 * What does not fit is the next to go: nothing else is taken meanwhile. Otherwise one that is large would wait for as long
 * as there are small ones, which always find room.
 */
export function createByteRoom(maxBytes: number): ByteRoom {
  let held = 0;
  let next: string | null = null;
  let wasAskedFor = false;
  return {
    inRounds(ask) {
      for (;;) {
        wasAskedFor = false;
        ask();
        if (next === null || wasAskedFor) return;
        // Its shard was lost, or its target takes nothing by now.
        next = null;
      }
    },
    mayTake(effectId, bytes) {
      if (next !== null && next !== effectId) return false;
      const fits = held === 0 || held + bytes <= maxBytes;
      wasAskedFor = !fits;
      next = fits ? null : effectId;
      return fits;
    },
    take(bytes) {
      held += bytes;
    },
    giveBack(bytes) {
      held -= bytes;
    },
  };
}
