/** Keeps what the gauges say of a partition's lanes near the truth, at a bounded cost, and at none without lanes. */
export interface TotalsWatch {
  /** Something has changed. */
  changed(): void;
  /** Reads the totals if it is time to; resolves to the milliseconds until it will be, null: not before a change. */
  tick(): Promise<number | null>;
}

const AFTER_CHANGE_MS = 1000;
/** Slices append to open lanes without a word. */
const WHILE_OPEN_MS = 5000;

/** @param read reads and reports; resolves to how many lanes are open */
export function createTotalsWatch(read: () => Promise<number>, now: () => number): TotalsWatch {
  let lastAt = Number.NEGATIVE_INFINITY;
  let stale = true;
  let open = 0;
  const dueAt = () => (stale ? lastAt + AFTER_CHANGE_MS : open > 0 ? lastAt + WHILE_OPEN_MS : null);
  return {
    changed: () => void (stale = true),
    async tick() {
      const due = dueAt();
      if (due !== null && due <= now()) {
        lastAt = now();
        stale = false;
        open = await read();
      }
      const next = dueAt();
      return next === null ? null : Math.max(0, next - now());
    },
  };
}
