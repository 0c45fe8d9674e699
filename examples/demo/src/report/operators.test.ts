import { expect, it } from '@jest/globals';
import { perfectOperators } from '../testing/perfect-operators.ts';
import { operatorRows } from './operators.ts';

const wrong = (changes: Partial<ReturnType<typeof perfectOperators>>) =>
  operatorRows({ ...perfectOperators(), ...changes })
    .filter(({ ok }) => !ok)
    .map(({ name }) => name);

it('has nothing to complain about when all goes well, at the door or, where the look-up came too late, in the log', () => {
  expect(wrong({})).toEqual([]);
  const later = {
    replay: ['held', 'duplicate'],
    failing: ['parked', 'duplicate'],
    replayRefused: 0,
    failingRefused: 0,
  };
  expect(wrong(later)).toEqual([]);
});

it.each<[string, Partial<ReturnType<typeof perfectOperators>>, string[]]>([
  [
    'a replay that ran',
    { replay: ['processed'], replayNoted: 1 },
    ['its body under another GUID, held', 'effects of the replay'],
  ],
  [
    'a discarded replay that is held again',
    { replay: ['held', 'held'], replayRefused: 0 },
    ['its body under another GUID, held', 'discarded, and sent again: a duplicate'],
  ],
  [
    'a redelivery that was taken for a new one',
    { failing: ['parked', 'processed'], failingRefused: 0 },
    ['redriven, and sent again: a duplicate'],
  ],
  ['a handler that runs twice', { notedAfter: 2 }, ['its effects, redriven and redelivered']],
  [
    'a dead letter that stays',
    { deadAfter: 1, notedAfter: 0 },
    ['dead letters once it is redriven', 'its effects, redriven and redelivered'],
  ],
])('shows %s', (_, changes, names) => {
  expect(wrong(changes)).toEqual(names);
});
