/** A Prometheus histogram without labels, as a process exposes it. */
export interface Histogram {
  count: number;
  /** Cumulative counts by upper bound, ascending; the last bound is Infinity. */
  buckets: { upTo: number; count: number }[];
}

/** Reads one histogram out of the text format; empty where it is not there. */
export function parseHistogram(exposition: string, name: string): Histogram {
  const buckets: Histogram['buckets'] = [];
  let count = 0;
  for (const line of exposition.split('\n')) {
    const bound = line.startsWith(`${name}_bucket{`) ? /le="([^"]+)"\} (\S+)/.exec(line) : null;
    if (bound) buckets.push({ upTo: bound[1] === '+Inf' ? Infinity : Number(bound[1]), count: Number(bound[2]) });
    else if (line.startsWith(`${name}_count `)) count = Number(line.slice(name.length + '_count '.length));
  }
  return { count, buckets };
}

/** What was observed after `before`. */
export function difference(after: Histogram, before: Histogram): Histogram {
  return {
    count: after.count - before.count,
    buckets: after.buckets.map(({ upTo, count }, i) => ({ upTo, count: count - (before.buckets[i]?.count ?? 0) })),
  };
}

/**
 * The quantile, estimated as Prometheus does (`histogram_quantile`): linear within the bucket that it falls into, and
 * the last finite bound for what lies above all of them. Undefined where nothing was observed.
 */
export function quantile(q: number, { count, buckets }: Histogram): number | undefined {
  if (count === 0) return undefined;
  const rank = q * count;
  let lower = { upTo: 0, count: 0 };
  for (const bucket of buckets) {
    if (bucket.count >= rank) {
      if (bucket.upTo === Infinity) return lower.upTo;
      return lower.upTo + ((bucket.upTo - lower.upTo) * (rank - lower.count)) / (bucket.count - lower.count);
    }
    lower = bucket;
  }
  return undefined;
}
