/** Time, handed in through the wiring so that tests can hold it still. */
export interface Clock {
  /** Milliseconds since the Unix epoch; it can jump, so it is for what people and records see. */
  now(): number;
  /** Milliseconds from an arbitrary start; it never goes back, so it is for durations and deadlines. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};
