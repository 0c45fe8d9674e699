import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Arrival, ArrivalState } from '@hookline/database';
import { until } from '@hookline/test-support';
import { createLookUp, type LookUp } from './create-look-up.ts';
import type { LookUpEvents } from './events.ts';

const LONG_MS = 60_000;

/** Every delivery has an answer in time, whatever the database does; none is kept by a look-up. */
describe('look-ups', () => {
  let asked: { guids: string[]; answer: (states: ArrivalState[]) => void; fail: (error: Error) => void }[];
  let told: string[];
  let now: number;

  beforeEach(() => {
    [asked, told, now] = [[], [], 0];
  });

  const events: LookUpEvents = {
    lookUpEnded: () => void told.push('ended'),
    lookUpFailed: () => void told.push('failed'),
    lookedUp: () => void told.push('looked up'),
    notLookedUp: () => void told.push('not looked up'),
    lookUpsStopped: () => void told.push('stopped'),
    lookUpsResumed: () => void told.push('resumed'),
  };
  const create = (timeoutMs = LONG_MS): LookUp =>
    createLookUp({
      find: (arrivals) => {
        const { promise, resolve, reject } = Promise.withResolvers<ArrivalState[]>();
        asked.push({ guids: arrivals.map(({ guid }) => guid), answer: resolve, fail: reject });
        return promise;
      },
      timeoutMs,
      clock: { now: () => 0, monotonic: () => now },
      events,
    });
  const arrival = (guid: string): Arrival => ({ guid, dedupScope: '', digest: Buffer.alloc(32), event: 'issues' });
  const lastAsked = async (count: number) => {
    await until(`look-up ${count} is made`, () => asked.length === count);
    return asked[count - 1] as (typeof asked)[number];
  };

  it('of those who come while one is under way are one look-up, and each gets its own answer', async () => {
    const lookUp = create();
    const first = lookUp.stateOf(arrival('a'));
    const others = Promise.all(['b', 'c', 'd'].map((guid) => lookUp.stateOf(arrival(guid))));
    expect(asked.map(({ guids }) => guids)).toEqual([['a']]);
    asked[0]?.answer(['open']);
    expect(await first).toBe('open');
    const second = await lastAsked(2);
    expect(second.guids).toEqual(['b', 'c', 'd']);
    second.answer(['settled', 'unknown', 'open']);
    expect(await others).toEqual(['settled', 'unknown', 'open']);
    expect(told.filter((what) => what === 'looked up')).toHaveLength(4);
  });

  it('have at most 500 arrivals each', async () => {
    const lookUp = create();
    void lookUp.stateOf(arrival('first'));
    const many = Promise.all(Array.from({ length: 1_001 }, (_, i) => lookUp.stateOf(arrival(String(i)))));
    asked[0]?.answer(['unknown']);
    for (const size of [500, 500, 1]) {
      const { guids, answer } = await lastAsked(asked.length + 1);
      expect(guids).toHaveLength(size);
      answer(guids.map(() => 'open'));
    }
    expect(new Set(await many)).toEqual(new Set(['open']));
  });

  it('that are late keep nobody, neither whom they are about nor who waits behind them', async () => {
    const lookUp = create(20);
    expect(await Promise.all([lookUp.stateOf(arrival('a')), lookUp.stateOf(arrival('b'))])).toEqual([
      ...['unknown', 'unknown'],
    ]);
    expect(told).toEqual(['not looked up', 'not looked up']);
    // Who has gone on is not asked for any more.
    asked[0]?.answer(['settled']);
    await until('the look-up has ended', () => told.includes('ended'));
    const next = lookUp.stateOf(arrival('c'));
    expect((await lastAsked(2)).guids).toEqual(['c']);
    asked[1]?.answer(['settled']);
    expect(await next).toBe('settled');
  });

  it('that fail three times in a row are not waited for, until one that is tried beside a delivery succeeds', async () => {
    const lookUp = create();
    const failing = [lookUp.stateOf(arrival('1'))];
    for (let i = 1; i <= 3; i++) {
      const { fail } = await lastAsked(i);
      failing.push(lookUp.stateOf(arrival(`behind ${i}`)));
      fail(new Error('away'));
      await until('it has failed', () => told.filter((what) => what === 'failed').length === i);
    }
    // The last of them came before, and did not have to see for itself.
    expect(new Set(await Promise.all(failing))).toEqual(new Set(['unknown']));
    expect(asked).toHaveLength(3);
    expect(told).toContain('stopped');

    expect(await lookUp.stateOf(arrival('while it rests'))).toBe('unknown');
    expect(asked).toHaveLength(3);
    now += 2_000;
    // The answer does not come, and nobody waits for it.
    expect(await lookUp.stateOf(arrival('beside a try'))).toBe('unknown');
    expect(await lookUp.stateOf(arrival('while it is tried'))).toBe('unknown');
    expect(asked.map(({ guids }) => guids).at(-1)).toEqual(['beside a try']);
    asked.at(-1)?.answer(['settled']);
    await until('look-ups are resumed', () => told.includes('resumed'));
    const next = lookUp.stateOf(arrival('after it'));
    asked.at(-1)?.answer(['settled']);
    expect(await next).toBe('settled');
  });
});
