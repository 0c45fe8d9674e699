import { describe, expect, it } from '@jest/globals';
import { createOffsetCopier } from './offset-copier.ts';

describe('createOffsetCopier', () => {
  it('copies the last offset of each partition since the last copy, and nothing where nothing is new', async () => {
    const copied: [number, bigint][][] = [];
    const copier = createOffsetCopier((offsets) => Promise.resolve(void copied.push([...offsets])), fail, 1000);
    await copier.tick();
    copier.note(1, 10n);
    copier.note(2, 5n);
    copier.note(1, 11n);
    await copier.tick();
    await copier.tick();
    expect(copied).toEqual([
      [
        [1, 11n],
        [2, 5n],
      ],
    ]);
  });

  it('copies again what was not taken, but never an older offset over a newer one', async () => {
    const copied: [number, bigint][][] = [];
    const failures: unknown[] = [];
    const refused = Promise.withResolvers<void>();
    let first = true;
    const copier = createOffsetCopier(
      (offsets) => {
        if (first) {
          first = false;
          return refused.promise;
        }
        return Promise.resolve(void copied.push([...offsets]));
      },
      (error) => failures.push(error),
      1000,
    );
    copier.note(1, 10n);
    copier.note(2, 20n);
    const failing = copier.tick();
    copier.note(1, 12n);
    refused.reject(new Error('rebalance in progress'));
    await failing;
    expect(failures).toHaveLength(1);
    await copier.tick();
    expect(copied.flat().toSorted(([a], [b]) => a - b)).toEqual([
      [1, 12n],
      [2, 20n],
    ]);
  });

  it('forgets what belongs to partitions that may be lost', async () => {
    const copied: unknown[] = [];
    const copier = createOffsetCopier((offsets) => Promise.resolve(void copied.push(offsets)), fail, 1000);
    copier.note(1, 10n);
    copier.forget();
    await copier.tick();
    expect(copied).toEqual([]);
  });

  it('never has two copies under way', async () => {
    let running = 0;
    const gate = Promise.withResolvers<void>();
    const copier = createOffsetCopier(
      () => {
        running += 1;
        expect(running).toBe(1);
        return gate.promise;
      },
      fail,
      1000,
    );
    copier.note(1, 1n);
    const one = copier.tick();
    copier.note(1, 2n);
    const two = copier.tick();
    gate.resolve();
    await Promise.all([one, two]);
  });

  it('ticks by itself between start and stop', async () => {
    const copied = Promise.withResolvers<number>();
    const copier = createOffsetCopier((offsets) => Promise.resolve(copied.resolve(offsets.size)), fail, 1);
    copier.note(1, 1n);
    copier.start();
    expect(await copied.promise).toBe(1);
    copier.stop();
  });
});

function fail(error: unknown): never {
  throw error;
}
