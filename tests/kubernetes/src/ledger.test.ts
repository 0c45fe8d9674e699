import { describe, expect, it } from '@jest/globals';
import { compare, type Answer, type Processed } from './ledger.ts';

const sent = (guid: string, n: number, status = 202, repository = 1): Answer => ({ guid, n, status, repository });
const ran = (guid: string, repository = 1): Processed => ({ guid, repository });

// The book-keeper must be able to find fault, or a green run says nothing.
describe('the ledger', () => {
  it('is content with each once, in order', () => {
    const verdict = compare([sent('a', 0), sent('b', 1), sent('c', 0, 202, 2)], [ran('c', 2), ran('a'), ran('b')]);
    expect(verdict).toEqual({ accepted: 3, lost: [], doubled: [], reordered: [], refused: {} });
  });

  it('finds what was lost, doubled and reordered', () => {
    const verdict = compare([sent('a', 0), sent('b', 1), sent('c', 2)], [ran('b'), ran('a'), ran('a')]);
    expect(verdict).toMatchObject({ lost: ['c'], doubled: ['a'], reordered: [1] });
  });

  it('counts a delivery that was refused first and accepted later as accepted, and its refusals by what they were', () => {
    const none: Answer = { ...sent('a', 0, 0), error: 'ECONNRESET' };
    const verdict = compare([sent('a', 0, 503), none, sent('a', 0)], [ran('a')]);
    expect(verdict).toMatchObject({ accepted: 1, lost: [], refused: { 503: 1, ECONNRESET: 1 } });
  });

  it('takes what was known already for accepted', () => {
    expect(compare([sent('a', 0, 409)], []).lost).toEqual(['a']);
  });
});
