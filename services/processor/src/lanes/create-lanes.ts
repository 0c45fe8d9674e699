import type { Fence, RecordStart } from '@hookline/database';
import type { OwnedPartition } from '@hookline/kafka';
import { createTurn, type Turn } from '../partition/turn.ts';
import { besideLanes } from './beside-lanes.ts';
import { createLaneRunner } from './lane-runner.ts';
import type { LaneSettings } from './lane-settings.ts';
import { createSlots } from './slots.ts';

/** What the work on a partition's log shares with its lanes. */
export interface LaneShare {
  turn: Turn;
  /** A slice has opened a lane, or made one due earlier. */
  onLanesChanged(): void;
}

/** The lanes of a process. */
export interface Lanes {
  /** Works on the log of a partition that is ours, and runs its lanes beside it. */
  beside<End extends string>(
    owned: Pick<OwnedPartition, 'signal' | 'closing'>,
    taken: { fence: Fence; starts: readonly RecordStart[] },
    workOnLog: (share: LaneShare) => Promise<End>,
  ): Promise<End | 'FENCED'>;
}

export function createLanes(settings: Omit<LaneSettings, 'slots'>): Lanes {
  const shared = { ...settings, slots: createSlots(settings.concurrency) };
  return {
    beside({ signal, closing }, { fence, starts }, workOnLog) {
      const turn = createTurn();
      const lanes = createLaneRunner(shared, { fence, turn, signal, closing, starts });
      return besideLanes(lanes, () => workOnLog({ turn, onLanesChanged: () => lanes.wake() }));
    },
  };
}
