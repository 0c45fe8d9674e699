import type { LaneDelivery, LaneHead } from '@hookline/database';
import type { OwnedLanes } from './lane-settings.ts';

/**
 * Whether a head's tries are all another owner's. Who takes a partition over has a breaker that knows nothing of it: were
 * the first failures counted, heads with one attempt left would die of a takeover while all keys fail alike. A first try
 * tells the breaker and does not count; before any head has its second, those that are due have had their first.
 *
 * Not of a head that processes die of, which must not get more tries than its limit, nor of a dead delivery that runs
 * again, whose failure says nothing new.
 */
export function isInherited(
  { fence, policy }: Pick<OwnedLanes, 'fence' | 'policy'>,
  { triedEpoch, kills }: Pick<LaneHead, 'triedEpoch' | 'kills'>,
  { dead }: Pick<LaneDelivery, 'dead'>,
): boolean {
  return dead === null && kills < policy.maxKills && triedEpoch !== fence.epoch;
}
