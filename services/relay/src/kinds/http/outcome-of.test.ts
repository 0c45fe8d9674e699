import { describe, expect, it } from '@jest/globals';
import type { OutboundFailure, OutboundResult } from '@hookline/outbound';
import { outcomeOf, type OutcomePolicy } from './outcome-of.ts';

const strict: OutcomePolicy = { onRefusal: 'dead-letter', onAddress: 'dead-letter' };
const lenient: OutcomePolicy = { onRefusal: 'retry', onAddress: 'retry' };

const answer = (status: number, headers: Record<string, string> = {}, body = ''): OutboundResult => ({
  success: true,
  status,
  headers,
  body: Buffer.from(body),
  complete: true,
});
const none = (reason: OutboundFailure, began: boolean): OutboundResult => ({
  success: false,
  reason,
  began,
  error: 'why',
});

describe('an answer', () => {
  it.each([200, 201, 202, 204, 299])('of %i has taken it', (status) => {
    expect(outcomeOf(answer(status), strict, 0)).toEqual({ outcome: 'sent', result: { status } });
  });

  it('of 2xx has taken it although the body was cut off', () => {
    expect(outcomeOf({ ...answer(200), complete: false } as OutboundResult, strict, 0)).toMatchObject({
      outcome: 'sent',
    });
  });

  it.each([408, 425, 429, 503])('of %i with a Retry-After holds its target up, and counts for nothing', (status) => {
    const error = `answered ${status}`;
    expect(outcomeOf(answer(status, { 'retry-after': '7' }), strict, 0)).toEqual({
      outcome: 'limited',
      error,
      afterMs: 7000,
    });
    expect(outcomeOf(answer(status), strict, 0)).toEqual({ outcome: 'failed', error });
    // A year would be for ever, and nothing a loop.
    expect(outcomeOf(answer(status, { 'retry-after': '0' }), strict, 0)).toMatchObject({ afterMs: 1000 });
    expect(outcomeOf(answer(status, { 'retry-after': '31536000' }), strict, 0)).toMatchObject({ afterMs: 3_600_000 });
  });

  it.each([400, 401, 404, 410, 422, 499])('of %i is final, or not, by policy', (status) => {
    const error = `answered ${status}`;
    expect(outcomeOf(answer(status, { 'retry-after': '7' }), strict, 0)).toEqual({ outcome: 'refused', error });
    expect(outcomeOf(answer(status), lenient, 0)).toEqual({ outcome: 'failed', error });
  });

  it.each([301, 302, 304, 307])('of %i is not followed', (status) => {
    const error = `answered ${status}: redirects are not followed`;
    expect(outcomeOf(answer(status), strict, 0)).toEqual({ outcome: 'refused', error });
    expect(outcomeOf(answer(status), lenient, 0)).toEqual({ outcome: 'failed', error });
  });

  it.each([500, 502, 504, 599])('of %i has failed', (status) => {
    expect(outcomeOf(answer(status), strict, 0)).toEqual({ outcome: 'failed', error: `answered ${status}` });
  });

  it('is quoted where it is text, in one short line', () => {
    const said = (type: string, body: string) =>
      (outcomeOf(answer(500, { 'content-type': type }, body), strict, 0) as { error: string }).error;
    expect(said('text/plain; charset=utf-8', ' no\r\n\tspace \u0000left ')).toBe('answered 500: no space left');
    expect(said('application/problem+json', '{"title":"full"}')).toBe('answered 500: {"title":"full"}');
    expect(said('text/html', '<h1>Oh</h1>')).toBe('answered 500');
    expect(said('text/plain', 'x'.repeat(5000))).toBe(`answered 500: ${'x'.repeat(200)}`);
  });
});

describe('no answer', () => {
  it.each<OutboundFailure>(['CONNECTION', 'DEADLINE', 'ABORTED'])('for %s is ambiguous once it has begun', (reason) => {
    expect(outcomeOf(none(reason, true), strict, 0)).toEqual({ outcome: 'ambiguous', error: 'why' });
    expect(outcomeOf(none(reason, false), strict, 0)).toEqual({ outcome: 'failed', error: 'why' });
  });

  it('since it could never be sent is final', () => {
    expect(outcomeOf(none('URL_INVALID', false), lenient, 0)).toEqual({ outcome: 'refused', error: 'why' });
    expect(outcomeOf(none('REQUEST_INVALID', false), lenient, 0)).toEqual({ outcome: 'refused', error: 'why' });
  });

  it('from an address that is not allowed is final, or not, by policy', () => {
    expect(outcomeOf(none('ADDRESS_REFUSED', false), strict, 0)).toEqual({ outcome: 'refused', error: 'why' });
    expect(outcomeOf(none('ADDRESS_REFUSED', false), lenient, 0)).toEqual({ outcome: 'failed', error: 'why' });
  });
});
