import { expect, it } from '@jest/globals';
import { repositoriesSpread } from './repositories.ts';

it('comes to every repository before it comes to one again, and to neighbours of none in a row', () => {
  const some = [...repositoriesSpread(1000, 1000)];
  expect(some.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, n) => n + 1));
  expect(some.filter((one, i) => Math.abs(one - (some[i - 1] ?? -9)) === 1)).toEqual([]);
  const many = [...repositoriesSpread(150_000, 1_000_000)];
  expect(new Set(many).size).toBe(150_000);
});
