import type { OperatorsObservation } from '../operators/run-operators.ts';

/** What would be seen of an operator's decisions, in a run in which all goes well. */
export function perfectOperators(): OperatorsObservation {
  return {
    genuine: ['processed'],
    replay: ['held'],
    replayRefused: 1,
    replayNoted: 0,
    deadBefore: 1,
    notedBefore: 0,
    deadAfter: 0,
    failing: ['parked'],
    failingRefused: 1,
    notedAfter: 1,
    trace: 'the story',
    tracedGuid: '00000000-0000-4000-8000-000000000000',
  };
}
