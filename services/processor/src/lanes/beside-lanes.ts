import type { LaneRunner } from './lane-runner.ts';

/**
 * Works on a partition's log and runs its lanes beside it. Lanes that are fenced out end the work, although the log may
 * be quiet. When the log's work is over because the partition is drained (`CLOSED`), lanes that run are waited for and
 * none is begun; otherwise they are rolled back.
 */
export async function besideLanes<End extends string>(
  lanes: LaneRunner,
  workOnLog: () => Promise<End>,
): Promise<End | 'FENCED'> {
  const lanesEnd = lanes.run();
  const fenced = lanesEnd.then((end) => (end === 'FENCED' ? end : new Promise<never>(() => {})));
  let drained = false;
  try {
    const end = await Promise.race([workOnLog(), fenced]);
    drained = end === 'CLOSED';
    return end;
  } finally {
    lanes.stop(!drained);
    await lanesEnd;
  }
}
