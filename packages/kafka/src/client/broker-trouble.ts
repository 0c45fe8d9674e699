/** How often a trouble that lasts is told, in milliseconds. */
export const REPEAT_MS = 60_000;

/** One kind of trouble with one broker, from its first failure. Times in milliseconds of a clock that never goes back. */
export interface Trouble {
  /** When it began. */
  began: number;
  /** Failures since then; 0: it is over. */
  times: number;
  /** Whether anybody was told of it. */
  isTold: boolean;
  /** When something was last told of this kind. */
  toldAt: number;
}

/** What is to be told, and what is known from now on. */
export interface Heard {
  tell: boolean;
  trouble: Trouble;
}

/**
 * A failure. The first of a trouble is told, later ones once in REPEAT_MS with their number. A trouble that begins anew
 * within REPEAT_MS of the last word is told only if it lasts: a broker that comes and goes would fill the log.
 */
export function failed(known: Trouble | undefined, now: number): Heard {
  const going = known && known.times > 0 ? known : { began: now, times: 0, isTold: false };
  const tell = known === undefined || now - known.toldAt >= REPEAT_MS;
  return {
    tell,
    trouble: {
      began: going.began,
      times: going.times + 1,
      isTold: tell || going.isTold,
      toldAt: tell ? now : known.toldAt,
    },
  };
}

/** It works again: told where the trouble was. */
export function recovered(known: Trouble, now: number): Heard {
  const tell = known.times > 0 && known.isTold;
  return { tell, trouble: { began: known.began, times: 0, isTold: false, toldAt: tell ? now : known.toldAt } };
}
