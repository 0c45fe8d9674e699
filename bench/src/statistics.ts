/** The middle one, or the mean of the two in the middle. NaN of nothing. */
export function median(values: readonly number[]): number {
  return medianOf(values.toSorted((a, b) => a - b));
}

/** Of values that are sorted already. */
export function medianOf(sorted: ArrayLike<number>): number {
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * A quantile of times that are known to the whole unit only: within the unit that it falls into, times are taken as
 * spread evenly. Without that a median of 20 ms could move by no less than 5 %.
 */
export function quantileOfWhole(q: number, values: readonly number[]): number {
  const rank = q * values.length;
  const counts = [...Map.groupBy(values, (value) => Math.round(value))].toSorted(([a], [b]) => a - b);
  let below = 0;
  for (const [value, { length }] of counts) {
    if (below + length >= rank) return value - 0.5 + (rank - below) / length;
    below += length;
  }
  return Number.NaN;
}
