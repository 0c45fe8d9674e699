import { expect, it } from '@jest/globals';
import { ledgerProblem } from './ledger.ts';

it.each([[{ published: 3, completed: 3, missing: 0 }], [{ published: 3, completed: 1, missing: 2 }]])(
  '%j adds up',
  (ledger) => {
    expect(ledgerProblem(ledger)).toBeNull();
  },
);

// A side that is faster because it has done less, or the same twice, must not win.
it.each([
  [{ published: 3, completed: 2, missing: 0 }, 'does not add up: 3 published, 2 completed, 0 missing'],
  [{ published: 3, completed: 4, missing: 0 }, 'does not add up'],
  [{ published: 3, completed: 3, missing: 1 }, 'does not add up'],
  [{ published: 3, completed: 4, missing: -1 }, 'no such numbers'],
  [{ published: 3, completed: Number.NaN, missing: 0 }, 'no such numbers'],
  [{ published: 0, completed: 0, missing: 0 }, 'nothing was published'],
])('%j is void', (ledger, problem) => {
  expect(ledgerProblem(ledger)).toContain(problem);
});
