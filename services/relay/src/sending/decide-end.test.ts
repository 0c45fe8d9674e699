import { describe, expect, it } from '@jest/globals';
import { decideEnd, decideLook, decideNotBegun, type Facts } from './decide-end.ts';

const facts = (attempts: number, random = 0): Facts => ({
  attempts,
  policy: { maxAttempts: 5, baseMs: 1000, maxMs: 60_000 },
  random,
});
const error = 'no';

describe('what becomes of an effect', () => {
  it('is settled when it was sent, at whatever attempt', () => {
    expect(decideEnd({ outcome: 'sent', result: 7 }, 'park', facts(9))).toEqual({ state: 'sent', result: 7 });
  });

  it('is dead at once when it will never be taken', () => {
    expect(decideEnd({ outcome: 'refused', error }, 'resend', facts(1))).toEqual({
      state: 'dead',
      reason: 'refused',
      error,
    });
  });

  it('waits longer with each failure, no shorter than its target asks for, and is dead when its attempts are over', () => {
    const failed = (attempts: number, afterMs?: number) =>
      decideEnd({ outcome: 'failed', error, ...(afterMs !== undefined && { afterMs }) }, 'park', facts(attempts));
    const waiting = { state: 'waiting', error, counts: true, decision: 'failed' };
    expect(failed(1)).toEqual({ ...waiting, afterMs: 500 });
    expect(failed(4)).toEqual({ ...waiting, afterMs: 4000 });
    expect(failed(1, 90_000)).toEqual({ ...waiting, afterMs: 90_000 });
    expect(failed(5)).toEqual({ state: 'dead', reason: 'exhausted', error });
  });

  it('waits without being counted while its target takes nothing, however often', () => {
    expect(decideEnd({ outcome: 'limited', error, afterMs: 2000 }, 'park', facts(99, 0.5))).toEqual({
      state: 'waiting',
      afterMs: 2100,
      error,
      counts: false,
      decision: 'failed',
    });
  });

  it('is looked into, sent again, or set aside when nobody knows how it ended, as its kind says', () => {
    const ambiguous = (how: 'look' | 'resend' | 'park', attempts = 1) =>
      decideEnd({ outcome: 'ambiguous', error }, how, facts(attempts));
    const told = { error, counts: true, decision: 'ambiguous' };
    expect(ambiguous('look')).toEqual({ ...told, state: 'sending', afterMs: 0 });
    expect(ambiguous('resend')).toEqual({ ...told, state: 'sending', afterMs: 500 });
    const dead = { state: 'dead', reason: 'ambiguous', error };
    expect(ambiguous('park')).toEqual(dead);
    expect(ambiguous('look', 5)).toEqual(dead);
    expect(ambiguous('resend', 5)).toEqual(dead);
  });

  it('is sent anew at once when a look finds that it was not done, and the look is not counted', () => {
    expect(decideLook({ found: 'sent', result: 1 }, facts(9))).toEqual({ state: 'sent', result: 1 });
    expect(decideLook({ found: 'nothing' }, facts(5))).toMatchObject({ state: 'waiting', afterMs: 0, counts: false });
    expect(decideLook({ found: 'nothing' }, facts(6))).toMatchObject({ state: 'dead', reason: 'exhausted' });
  });

  it('stays ambiguous while its target cannot be asked: sending it again would be a guess', () => {
    expect(decideLook({ found: 'failed', error, afterMs: 3000 }, facts(2))).toMatchObject({
      state: 'sending',
      afterMs: 3000,
      counts: true,
      decision: 'failed',
    });
    expect(decideLook({ found: 'failed', error }, facts(5))).toMatchObject({ state: 'dead', reason: 'ambiguous' });
  });

  it('is as it was when its attempt was not made', () => {
    const end = { afterMs: 10, error, counts: false, decision: null };
    expect(decideNotBegun(error, false, 10)).toEqual({ ...end, state: 'waiting' });
    expect(decideNotBegun(error, true, 10)).toEqual({ ...end, state: 'sending' });
  });
});
