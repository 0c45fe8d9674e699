import type { OperatorsObservation } from '../operators/run-operators.ts';
import { exactly, type Row } from './row.ts';

const SECTION = 'An operator decides (hookline replays discard, dead-letters redrive, trace)';

/** What became of a replay that was discarded, and of a dead delivery that was redriven. */
export function operatorRows(seen: OperatorsObservation): Row[] {
  const count = (decisions: readonly string[], decision: string): number =>
    decisions.filter((one) => one === decision).length;
  return [
    exactly(SECTION, 'genuine delivery, processed', 1, count(seen.genuine, 'processed')),
    exactly(SECTION, 'its body under another GUID, held', 1, count(seen.replay, 'held')),
    exactly(SECTION, 'discarded, and sent again: a duplicate', 1, count(seen.replay, 'duplicate') + seen.replayRefused),
    exactly(SECTION, 'effects of the replay', 0, seen.replayNoted),
    exactly(SECTION, 'dead letters of a handler that fails', 1, seen.deadBefore),
    exactly(SECTION, 'its effects by then', 0, seen.notedBefore),
    exactly(SECTION, 'dead letters once it is redriven', 0, seen.deadAfter),
    exactly(
      SECTION,
      'redriven, and sent again: a duplicate',
      1,
      count(seen.failing, 'duplicate') + seen.failingRefused,
    ),
    exactly(SECTION, 'its effects, redriven and redelivered', 1, seen.notedAfter),
  ];
}
