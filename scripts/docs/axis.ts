/** From where to where a picture goes. */
export interface Axis {
  /** Zero, on an axis of powers, is where the power below the least value is. */
  isLog: boolean;
  from: number;
  to: number;
  /** Where a number is written. */
  ticks: readonly number[];
}

/** Values further apart than this are told apart on an axis of powers only. */
const WIDE = 30;
const STEPS = 5;

/**
 * An axis that has all of these values: from zero where they are near each other, else by powers of ten.
 *
 * @param steps `points`: numbers are written at the values themselves, which are on an axis of powers wherever there are two;
 *   `round`: at round numbers around them
 * @throws {Error} on a value that is no number, or below zero
 */
export function axisOf(values: readonly number[], { steps }: { steps: 'points' | 'round' }): Axis {
  const wrong = values.find((value) => !(value >= 0 && Number.isFinite(value)));
  if (wrong !== undefined) throw new Error(`${wrong} cannot be drawn.`);
  const positive = values.filter((value) => value > 0);
  const [least, most] = [Math.min(...positive), Math.max(...positive)];
  if (steps === 'points') {
    const hasZero = values.includes(0);
    if (positive.length < 2) return { isLog: false, from: 0, to: positive.length === 0 ? 1 : 2 * most, ticks: values };
    return { isLog: true, from: hasZero ? least / 10 : least, to: most, ticks: values };
  }
  if (positive.length === 0) return { isLog: false, from: 0, to: 1, ticks: [0, 1] };
  if (most / least > WIDE) return powers(least, most);
  const step = roundStep(most / STEPS);
  const count = Math.ceil(most / step);
  return { isLog: false, from: 0, to: count * step, ticks: Array.from({ length: count + 1 }, (_, n) => n * step) };
}

/** Where a value is: 0 at the beginning, 1 at the end. */
export function positionOn({ isLog, from, to }: Axis, value: number): number {
  if (!isLog) return (value - from) / (to - from);
  return Math.log(Math.max(value, from) / from) / Math.log(to / from);
}

function powers(least: number, most: number): Axis {
  const [first, last] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))];
  const ticks = Array.from({ length: last - first + 1 }, (_, n) => 10 ** (first + n));
  return { isLog: true, from: 10 ** first, to: 10 ** last, ticks };
}

/** The least of 1, 2, 2.5 and 5, times a power of ten, that is not below it. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  return power * ([1, 2, 2.5, 5].find((factor) => factor * power >= step) ?? 10);
}
