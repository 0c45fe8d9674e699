import { describe, expect, it } from '@jest/globals';
import type { ClaimedEffect } from '@hookline/database';
import type { Clock, EffectKind, LookResult, SendResult } from '@hookline/runtime';
import type { HeldShard } from '../leases/held-shards.ts';
import { leaseEnd, later, momentNow } from '../leases/lease-time.ts';
import { createQueueBudget } from '../queue/queue-budget.ts';
import { createShardQueue } from '../queue/shard-queue.ts';
import { createAttempt } from './attempt.ts';
import { runAttempt } from './run-attempt.ts';

const SHARD = { consumerGroup: 'g', topic: 't', partition: 0, epoch: 1n };
const SETTINGS = { policy: { maxAttempts: 3, baseMs: 10, maxMs: 100 }, random: () => 0, settleMs: 20 };

/** Time that stands still unless it is moved: each clock for itself. */
function begin(given: { leaseMs?: number; isAmbiguous?: boolean; deadlineMs?: number; attempts?: number } = {}) {
  const { leaseMs = 20_000, isAmbiguous = false, deadlineMs = 10_000, attempts = 1 } = given;
  const time = { monotonic: 1000, wall: 5_000_000 };
  const clock: Clock = { now: () => time.wall, monotonic: () => time.monotonic };
  const held: HeldShard = {
    shard: SHARD,
    validUntil: leaseEnd(momentNow(clock), leaseMs, 1000),
    queue: createShardQueue({ entriesPerKey: 1, room: createQueueBudget({ entries: 10, bytes: 10_000 }).open() }),
    inFlight: 1,
    isDraining: false,
    isRead: false,
    lost: new AbortController(),
  };
  const effect = { shard: SHARD, effectId: 'e', kind: 'k', attempts, isAmbiguous } as unknown as ClaimedEffect;
  const ending = new AbortController();
  const endsAt = later(momentNow(clock), deadlineMs);
  const attempt = createAttempt({ effect, held, endsAt, clock, ending: ending.signal });
  return { time, held, effect, attempt, ending };
}

const kind = (given: Partial<EffectKind>): EffectKind => ({
  name: 'k',
  target: () => 't',
  onAmbiguous: () => 'park',
  send: () => Promise.resolve({ outcome: 'sent' }),
  ...given,
});

describe('an attempt', () => {
  it('begins, and again for a second request, while its time and its lease last', () => {
    const { attempt } = begin();
    expect(attempt).toMatchObject({ effectId: 'e', number: 1, deadlineMs: 10_000 });
    attempt.begin();
    attempt.begin();
    expect([attempt.hasBegun(), attempt.wasRefused()]).toEqual([true, false]);
    attempt.end();
  });

  // A frozen process, or machine, comes back with timers that have not fired and a lease that it takes for its own.
  it.each([
    ['monotonic', 'Its time was over before it began.'],
    ['wall', 'Its time was over before it began.'],
  ] as const)('does not begin when its time is over by the %s clock', (which, reason) => {
    const { attempt, time } = begin();
    time[which] += 10_000;
    expect(() => attempt.begin()).toThrow(reason);
    expect([attempt.hasBegun(), attempt.wasRefused()]).toEqual([false, true]);
    attempt.end();
  });

  it('does not begin when its lease could end before it does, nor when the shard is lost or the relay stops', () => {
    const short = begin({ leaseMs: 11_000 });
    expect(() => short.attempt.begin()).toThrow('The lease of its shard could end before it does.');
    short.held.validUntil = later(short.held.validUntil, 1);
    short.attempt.begin();
    const lost = begin();
    lost.held.lost.abort(new Error('lost'));
    expect(() => lost.attempt.begin()).toThrow('It was ended before it began: lost');
    const stopped = begin();
    stopped.ending.abort(new Error('stopping'));
    expect(() => stopped.attempt.begin()).toThrow('It was ended before it began: stopping');
    for (const { attempt } of [short, lost, stopped]) attempt.end();
  });

  it('aborts its signal at its deadline', async () => {
    const { attempt } = begin({ deadlineMs: 5 });
    await new Promise((resolve) => attempt.signal.addEventListener('abort', resolve));
    expect(String(attempt.signal.reason)).toContain('It took longer than its 5 ms.');
  });

  // A shard is held, and a relay runs, for longer than thousands of attempts: each that listened on would stay in memory.
  it('listens to nothing once it has ended', () => {
    const { attempt, held, ending } = begin();
    attempt.end();
    held.lost.abort(new Error('lost'));
    ending.abort(new Error('stopping'));
    expect(attempt.signal.aborted).toBe(false);
  });
});

describe('running an attempt', () => {
  const run = async (
    of: EffectKind,
    given: Parameters<typeof begin>[0] = {},
    before?: (made: ReturnType<typeof begin>) => void,
  ) => {
    const made = begin(given);
    before?.(made);
    const ran = await runAttempt(SETTINGS, of, made.effect, made.attempt);
    made.attempt.end();
    return ran;
  };
  const throwing = (begins: boolean) =>
    kind({
      send(_, attempt) {
        if (begins) attempt.begin();
        return Promise.reject(new Error('boom'));
      },
    });

  it('takes what a kind throws for a failure before it has begun, and for ambiguous behind it', async () => {
    expect(await run(throwing(false))).toMatchObject({ what: 'failed', end: { state: 'waiting', error: 'boom' } });
    expect(await run(throwing(true))).toMatchObject({ what: 'ambiguous', end: { state: 'dead', reason: 'ambiguous' } });
  });

  it('knows that it has begun, though what a kind throws cannot be read', async () => {
    const send: EffectKind['send'] = (_, attempt) => {
      attempt.begin();
      return Promise.reject(Object.create(null) as Error);
    };
    expect(await run(kind({ send }))).toMatchObject({ what: 'ambiguous', end: { state: 'dead', reason: 'ambiguous' } });
  });

  it.each([
    ['throws it on', kind({ send: (_, attempt) => Promise.resolve().then(() => attempt.begin() as never) })],
    [
      'calls it a failure',
      kind({
        send(_, attempt) {
          try {
            attempt.begin();
          } catch (error) {
            return Promise.resolve({ outcome: 'failed', error: String(error) });
          }
          return Promise.resolve({ outcome: 'sent' });
        },
      }),
    ],
  ])('does not count an attempt that may not begin, where the kind %s', async (_, of) => {
    const late = ({ time }: ReturnType<typeof begin>) => void (time.monotonic += 60_000);
    expect(await run(of, {}, late)).toMatchObject({ what: 'not-begun', end: { state: 'waiting', counts: false } });
    const again = kind({ ...of, onAmbiguous: () => 'resend' });
    expect(await run(again, { isAmbiguous: true }, late)).toMatchObject({ end: { state: 'sending', counts: false } });
  });

  it('does not wait for a kind that goes on behind its deadline', async () => {
    const hanging = kind({
      send(_, attempt) {
        attempt.begin();
        return new Promise(() => {});
      },
    });
    expect(await run(hanging, { deadlineMs: 5 })).toMatchObject({ what: 'ambiguous', success: false });
    const lost = ({ held }: ReturnType<typeof begin>) =>
      setTimeout(() => held.lost.abort(new Error('lost')), 5).unref();
    expect(await run(hanging, {}, lost)).toMatchObject({ what: 'ambiguous', end: { error: 'lost' } });
  });

  it('looks where the kind can, sends again where it may, and parks otherwise', async () => {
    const send = () => Promise.resolve({ outcome: 'sent' as const });
    const ambiguous = { isAmbiguous: true };
    const second = { ...ambiguous, attempts: 2 };
    const looking = (look: EffectKind['look']) => kind({ send, onAmbiguous: () => 'look', ...(look && { look }) });
    const found = looking(() => Promise.resolve({ found: 'sent', result: 3 }));
    expect(await run(found, ambiguous)).toMatchObject({
      what: 'looked',
      end: { state: 'sent', result: 3 },
      success: true,
    });
    const blind = looking(() => Promise.reject(new Error('away')));
    expect(await run(blind, ambiguous)).toMatchObject({ what: 'looked', end: { state: 'sending' }, success: false });
    expect(await run(found)).toMatchObject({ what: 'sent' });
    expect(await run(looking(undefined), second)).toMatchObject({ what: 'ambiguous', end: { state: 'dead' } });
    expect(await run(kind({ send }), second)).toMatchObject({ end: { state: 'dead', reason: 'ambiguous' } });
    expect(await run(kind({ send, onAmbiguous: () => 'resend' }), ambiguous)).toMatchObject({ what: 'sent' });
  });

  it('is what an operator has decided, the first time after a redrive: what can look looks, what cannot is sent', async () => {
    const send = () => Promise.resolve({ outcome: 'sent' as const });
    const redriven = { isAmbiguous: true, attempts: 1 };
    expect(await run(kind({ send }), redriven)).toMatchObject({ what: 'sent', end: { state: 'sent' } });
    const look = () => Promise.resolve({ found: 'sent' as const, result: 3 });
    expect(await run(kind({ send, onAmbiguous: () => 'look', look }), redriven)).toMatchObject({ what: 'looked' });
  });

  it('gives up by the number of attempts that its kind names', async () => {
    const failing = kind({ send: () => Promise.resolve({ outcome: 'failed', error: 'no' }), maxAttempts: () => 1 });
    expect(await run(failing)).toMatchObject({ end: { state: 'dead', reason: 'exhausted' } });
    expect(await run({ ...failing, maxAttempts: () => undefined })).toMatchObject({ end: { state: 'waiting' } });
  });

  // Kinds are users' code, which no compiler may have seen. What cannot be written would be written again for ever.
  it('takes what is no result for what a kind throws', async () => {
    for (const given of [undefined, null, 'sent', {}, { outcome: 'ok' }, { outcome: 5 }]) {
      const send = (begins: boolean): EffectKind['send'] =>
        async function (_, attempt) {
          if (begins) attempt.begin();
          return given as SendResult;
        };
      const error = expect.stringMatching(/^The kind has returned no result of an attempt: its outcome is /) as unknown;
      expect(await run(kind({ send: send(false) }))).toMatchObject({
        what: 'failed',
        end: { state: 'waiting', error },
      });
      expect(await run(kind({ send: send(true) }))).toMatchObject({
        what: 'ambiguous',
        end: { reason: 'ambiguous', error },
      });
      const look = () => Promise.resolve(given as unknown as LookResult);
      const looked = await run(kind({ onAmbiguous: () => 'look', look }), { isAmbiguous: true });
      expect(looked).toMatchObject({
        end: { state: 'sending', error: expect.stringContaining('no result of a look') },
      });
    }
  });

  it.each([
    [Number.NaN, 60_000],
    [undefined, 60_000],
    ['5', 60_000],
    [-5, 0],
    [Infinity, 2_147_483_647],
  ])('of a limit waits a time that there is, where a kind says %p', async (afterMs, waits) => {
    const limited = { outcome: 'limited', error: undefined, afterMs } as unknown as SendResult;
    const ran = await run(kind({ send: () => Promise.resolve(limited) }));
    expect(ran).toMatchObject({ limitedForMs: waits, end: { state: 'waiting', error: 'undefined', afterMs: waits } });
  });

  it('tells of a limit, so that all of the target wait', async () => {
    const limited = kind({ send: () => Promise.resolve({ outcome: 'limited', error: 'slow down', afterMs: 700 }) });
    expect(await run(limited)).toMatchObject({ what: 'limited', limitedForMs: 700, success: null });
  });
});
