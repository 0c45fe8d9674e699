import { partitionOf } from '@hookline/contracts';
import { expect, it } from '@jest/globals';
import { loadExamples } from '../traffic/examples.ts';
import { planFailure } from './plan.ts';

const target = { path: '/webhooks/demo', namespace: 'github.com', dedupScope: 'demo', secret: 'secret' };

// With a neighbour in another partition the demo would show no more than that partitions are apart.
it.each([1, 2, 24, 96])('one of the others is in the partition of the failing one, of %d', (partitions) => {
  let guids = 0;
  const plan = planFailure(loadExamples(), { target, partitions, newGuid: () => `guid-${(guids += 1)}` });
  const keys = (lanes: typeof plan.broken) => lanes.map((lane) => new Set(lane.map(({ delivery }) => delivery?.key)));
  expect(keys(plan.broken).flatMap((its) => [...its])).toContain(plan.neighbourKey);
  expect(partitionOf(plan.neighbourKey, partitions)).toBe(partitionOf(plan.failingKey, partitions));
  expect(plan.neighbourKey).not.toBe(plan.failingKey);

  // A lane is one repository's, eight repositories in all, and the failing one goes on after it is mended.
  expect(keys(plan.broken).map(({ size }) => size)).toEqual(Array.from({ length: 8 }, () => 1));
  expect(new Set(keys(plan.broken).flatMap((its) => [...its])).size).toBe(8);
  expect(keys(plan.mended)).toEqual(keys(plan.broken));
  expect(new Set([...plan.broken, ...plan.mended].flat().map(({ guid }) => guid)).size).toBe(guids);
});

it('says so where no example can be used', () => {
  expect(() => planFailure([], { target, partitions: 1, newGuid: () => '' })).toThrow('no deployment');
});
