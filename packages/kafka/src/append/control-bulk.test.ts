import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { appendInBulk } from './control-bulk.ts';
import type { ControlLogRecord } from './control-log.ts';

/** A log and a clock that stand still unless they are told: each send takes as long as `sendMs` says. */
function world(sendMs: (send: number) => number = () => 0) {
  let now = 1_000;
  const sends: { at: number; texts: string[] }[] = [];
  return {
    sends,
    log: {
      append(batch: readonly ControlLogRecord[]) {
        sends.push({ at: now, texts: batch.map(({ value }) => String(value)) });
        now += sendMs(sends.length);
        return Promise.resolve(batch.map(() => 0n));
      },
    },
    overrides: {
      clock: { now: () => now, monotonic: () => now },
      pause(milliseconds: number) {
        now += milliseconds;
        return Promise.resolve();
      },
    },
  };
}

/** By how much the sends of any stretch of time, its ends included, exceed what the rate allows for it. */
function worstExcess(sends: readonly { at: number; texts: string[] }[], perSecond: number): number {
  let worst = 0;
  for (let from = 0; from < sends.length; from++) {
    let records = 0;
    for (let to = from; to < sends.length; to++) {
      records += sends[to]!.texts.length;
      worst = Math.max(worst, records - ((sends[to]!.at - sends[from]!.at) * perSecond) / 1000);
    }
  }
  return worst;
}

async function* numbered(count: number): AsyncGenerator<ControlLogRecord> {
  for (let i = 0; i < count; i++) yield await Promise.resolve({ key: 'k', partition: 0, value: Buffer.from(`${i}`) });
}

describe('appending in bulk', () => {
  it('sends all of them, in order, in batches, and tells how far it is', async () => {
    const { log, overrides, sends } = world();
    const told: [number, number][] = [];
    const onAppended = (records: number, total: number) => void told.push([records, total]);
    expect(await appendInBulk(log, numbered(1_200), { perSecond: null, onAppended }, overrides)).toBe(1_200);
    expect(sends.map(({ texts }) => texts.length)).toEqual([500, 500, 200]);
    expect(sends.flatMap(({ texts }) => texts)).toEqual(Array.from({ length: 1_200 }, (_, i) => `${i}`));
    expect(told).toEqual([
      [500, 500],
      [500, 1_000],
      [200, 1_200],
    ]);
  });

  // A redrive runs handlers: whatever the log does, what they talk to must not get more than was said.
  it('never sends more than the rate allows in any stretch of time, plus one batch', async () => {
    const rate = fc.integer({ min: 1, max: 3_000 });
    const pauses = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(rate, pauses, fc.integer({ min: 1, max: 200 }), async (perSecond, delays, batches) => {
        const { log, overrides, sends } = world((send) => delays[send % delays.length] as number);
        const largest = Math.max(1, Math.floor(perSecond / 4));
        await appendInBulk(
          log,
          numbered(Math.min(2_000, batches * largest)),
          { perSecond, onAppended: () => {} },
          overrides,
        );
        expect(Math.max(...sends.map(({ texts }) => texts.length))).toBeLessThanOrEqual(largest);
        expect(worstExcess(sends, perSecond)).toBeLessThanOrEqual(largest + 1e-6);
      }),
      { numRuns: 100 },
    );
  });

  it('reaches the rate where nothing else holds it up', async () => {
    const { log, overrides, sends } = world();
    await appendInBulk(log, numbered(1_000), { perSecond: 100, onAppended: () => {} }, overrides);
    expect(sends.at(-1)!.at - sends[0]!.at).toBe(9_750);
  });

  it('asks for no more than it sends, and stops where the log fails', async () => {
    let asked = 0;
    async function* counted() {
      for await (const record of numbered(5_000)) {
        asked++;
        yield record;
      }
    }
    const log = { append: () => Promise.reject(new Error('away')) };
    const settings = { perSecond: 40, onAppended: () => {} };
    await expect(appendInBulk(log, counted(), settings)).rejects.toThrow('away');
    expect(asked).toBe(10);
  });
});
