import type { PartitionOffsets } from '@hookline/kafka';
import { DemoError } from '../demo-error.ts';
import { poll } from '../poll.ts';

export interface Lag {
  partition: number;
  next: bigint;
  end: bigint;
}

/** The partitions whose records up to `ends` have not all been processed. */
export function lagOf(ends: PartitionOffsets, nextOffsets: PartitionOffsets): Lag[] {
  return [...ends]
    .map(([partition, end]) => ({ partition, next: nextOffsets.get(partition) ?? 0n, end }))
    .filter(({ next, end }) => next < end);
}

/**
 * Resolves when everything before `ends` has been processed. Rejects when no partition has moved for `patienceMs`,
 * naming those that are behind.
 */
export async function waitUntilCaughtUp(
  ends: PartitionOffsets,
  readNextOffsets: () => Promise<PartitionOffsets>,
  { patienceMs, signal, explain }: { patienceMs: number; signal: AbortSignal; explain: () => Promise<string> },
): Promise<void> {
  let behind: Lag[] = [];
  let missing = Infinity;
  for (;;) {
    const moved = await poll(
      async () => {
        behind = lagOf(ends, await readNextOffsets());
        const now = behind.reduce((sum, { next, end }) => sum + Number(end - next), 0);
        if (now >= missing && now > 0) return undefined;
        missing = now;
        return true;
      },
      { timeoutMs: patienceMs, signal },
    );
    if (behind.length === 0) return;
    if (moved === undefined) break;
  }
  const places = behind.map(({ partition, next, end }) => `partition ${partition} is at ${next} of ${end}`);
  throw new DemoError(
    `The processor has not moved for ${patienceMs / 1000} s and is behind: ${places.join(', ')}. ${await explain()}`,
  );
}
