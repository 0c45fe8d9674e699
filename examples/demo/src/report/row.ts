/** One line of the table: what must be, and what is. */
export interface Row {
  section: string;
  name: string;
  /** The number that it must be, or a bound in words. */
  expected: number | string;
  actual: number | string;
  ok: boolean;
}

export interface Report {
  ok: boolean;
  rows: Row[];
  /** What exactly is wrong, one sentence each; empty when all is as it must be. */
  problems: string[];
  /** What `hookline trace` tells of one delivery. */
  story: { guid: string; trace: string };
}

/** A row whose number must be exactly this one. */
export function exactly(section: string, name: string, expected: number, actual: number): Row {
  return { section, name, expected, actual, ok: expected === actual };
}

/** A row whose number must not be above the bound; undefined: there was nothing to measure. */
export function atMost(section: string, name: string, bound: number, actual: number | undefined): Row {
  return {
    section,
    name,
    expected: `at most ${bound}`,
    actual: actual === undefined ? 'nothing measured' : Math.round(actual * 10) / 10,
    ok: actual !== undefined && actual <= bound,
  };
}
