import type { Clock } from '@hookline/runtime';

/**
 * A point in time by both clocks. The monotonic one cannot be set, but stands still while the machine sleeps; the wall
 * clock goes on, but can be set. What must have ended by one of them has ended.
 */
export interface Moment {
  monotonic: number;
  wall: number;
}

export function momentNow(clock: Clock): Moment {
  return { monotonic: clock.monotonic(), wall: clock.now() };
}

export function later(moment: Moment, ms: number): Moment {
  return { monotonic: moment.monotonic + ms, wall: moment.wall + ms };
}

/** By both clocks. */
export function isBefore(one: Moment, other: Moment): boolean {
  return one.monotonic < other.monotonic && one.wall < other.wall;
}

/**
 * Until when a lease surely lasts that was asked for at `askedAt`: the database counted from a later moment on. The margin
 * is for clocks that run apart meanwhile.
 */
export function leaseEnd(askedAt: Moment, leaseMs: number, marginMs: number): Moment {
  return later(askedAt, leaseMs - marginMs);
}
