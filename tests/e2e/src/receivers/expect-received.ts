import { expect } from '@jest/globals';
import type { GithubDelivery } from '../traffic/github-delivery.ts';
import type { Done } from './start-receivers.ts';

/** Of a list those of one repository. */
export const ofRepository = <T extends { repository: number }>(list: readonly T[], repository: number): T[] =>
  list.filter((entry) => entry.repository === repository);

/** Each delivery once, each repository's in order. */
export function expectOnceInOrder(done: readonly Done[], firsts: readonly GithubDelivery[]): void {
  for (const repository of new Set(firsts.map((first) => first.repository))) {
    const guids = ofRepository(done, repository).map(({ guid }) => guid);
    expect(guids).toEqual(ofRepository(firsts, repository).map(({ guid }) => guid));
  }
  expect(done).toHaveLength(firsts.length);
}
