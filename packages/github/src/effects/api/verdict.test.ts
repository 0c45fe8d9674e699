import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Answer, type Verdict, verdictOf } from './verdict.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const answer = (status: number, headers: Record<string, string> = {}, message = ''): Answer => ({
  ...{ answered: true, status, headers, data: null, message },
});
const judged = (status: number, headers?: Record<string, string>, message?: string, acts = true) =>
  verdictOf(answer(status, headers, message), acts, NOW);
const outcomeOf = (verdict: Verdict) => (verdict.ok ? 'ok' : verdict.result.outcome);
const waits = (headers: Record<string, string>, message = '', status = 403) => {
  const verdict = judged(status, headers, message);
  return verdict.ok || verdict.result.outcome !== 'limited' ? null : verdict.result.afterMs;
};

describe('what an answer of GitHub means', () => {
  it.each([
    [200, 'ok'],
    [201, 'ok'],
    [204, 'ok'],
    [301, 'refused'],
    [307, 'refused'],
    [400, 'refused'],
    [401, 'failed'],
    [403, 'refused'],
    [404, 'refused'],
    [408, 'failed'],
    [409, 'failed'],
    [410, 'refused'],
    [422, 'refused'],
    [423, 'failed'],
    [425, 'failed'],
    [429, 'limited'],
    [451, 'refused'],
    [500, 'ambiguous'],
    [502, 'ambiguous'],
    [503, 'ambiguous'],
  ])('%s to what changes something: %s', (status, outcome) => {
    expect(outcomeOf(judged(status))).toBe(outcome);
  });

  it('quotes GitHub', () => {
    expect(judged(422, {}, 'Validation Failed')).toMatchObject({
      ...{ status: 422, result: { error: 'GitHub answered 422: Validation Failed' } },
    });
    expect(judged(302)).toMatchObject({ result: { error: expect.stringContaining('other hosts') as unknown } });
  });

  it.each<[string, Record<string, string>, string, number]>([
    ['seconds', { 'retry-after': '17' }, '', 17_000],
    ['a date', { 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }, '', 30_000],
    ['a date that has passed', { 'retry-after': 'Wed, 31 Dec 2025 00:00:30 GMT' }, '', 1000],
    ['no time at all', { 'retry-after': 'soon' }, 'You have exceeded a secondary rate limit.', 60_000],
    // A year before Christ, as JavaScript reads it.
    ['a number that is no time', { 'retry-after': '-5' }, '', 60_000],
    ['a secondary limit by its name', {}, 'You have exceeded a secondary rate limit.', 60_000],
    ['the old name of it', {}, 'You have triggered an abuse detection mechanism.', 60_000],
    ['no request left', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1000 + 90) }, '', 90_000],
    ['no request left, until the past', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' }, '', 1000],
    ['no request left, and no time', { 'x-ratelimit-remaining': '0' }, '', 60_000],
    ['both: what Retry-After says', { 'retry-after': '5', 'x-ratelimit-remaining': '0' }, '', 5000],
    ['a day', { 'retry-after': '86400' }, '', 3_600_000],
  ])('waits for a limit with %s', (_, headers, message, afterMs) => {
    expect([waits(headers, message), waits(headers, message, 429)]).toEqual([afterMs, afterMs]);
  });

  it('takes no permission that is missing for a limit', () => {
    expect(waits({ 'x-ratelimit-remaining': '4999' }, 'Resource not accessible by integration')).toBeNull();
    expect(waits({ 'x-ratelimit-remaining': '4999' }, '', 429)).toBe(60_000);
    // Neither is an error of the server, whatever it says: what was asked may have been done.
    expect(waits({ 'retry-after': '17' }, '', 503)).toBeNull();
  });

  it('knows for no answer whether it went out, and whether that matters', () => {
    const lost = (began: boolean, acts: boolean) =>
      outcomeOf(verdictOf({ answered: false, began, error: 'x' }, acts, NOW));
    expect([lost(true, true), lost(true, false), lost(false, true)]).toEqual(['ambiguous', 'failed', 'failed']);
  });

  const answers: fc.Arbitrary<Answer> = fc.oneof(
    fc.record({
      answered: fc.constant(true as const),
      status: fc.integer({ min: 200, max: 599 }),
      headers: fc.record(
        {
          'retry-after': fc.oneof(fc.nat().map(String), fc.string()),
          'x-ratelimit-remaining': fc.constantFrom('0', '1', ''),
          'x-ratelimit-reset': fc.oneof(fc.nat().map(String), fc.string()),
        },
        { requiredKeys: [] },
      ) as fc.Arbitrary<Record<string, string>>,
      data: fc.jsonValue(),
      message: fc.oneof(fc.string(), fc.constant('secondary rate limit')),
    }),
    fc.record({ answered: fc.constant(false as const), began: fc.boolean(), error: fc.string() }),
  );

  it('is never that nothing happened where something can have: only a clear answer or no byte sent says so', () => {
    fc.assert(
      fc.property(answers, (given) => {
        const mayHave = given.answered ? given.status >= 500 : given.began;
        expect(outcomeOf(verdictOf(given, true, NOW)) === 'ambiguous').toBe(mayHave);
        // What changes nothing is never ambiguous.
        expect(outcomeOf(verdictOf(given, false, NOW))).not.toBe('ambiguous');
      }),
    );
  });

  it('waits at least a second and at most an hour, whatever GitHub says', () => {
    fc.assert(
      fc.property(answers, fc.nat(), (given, nowMs) => {
        const verdict = verdictOf(given, true, nowMs);
        if (verdict.ok || verdict.result.outcome !== 'limited') return;
        expect(verdict.result.afterMs).toBeGreaterThanOrEqual(1000);
        expect(verdict.result.afterMs).toBeLessThanOrEqual(3_600_000);
      }),
    );
  });
});
