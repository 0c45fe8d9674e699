import { describe, expect, it } from '@jest/globals';
import { createTurn } from './turn.ts';

const never = new AbortController().signal;

describe('a turn', () => {
  it('is one at a time, in the order of asking', async () => {
    const turn = createTurn();
    const order: number[] = [];
    let inside = 0;
    const visit = async (n: number) => {
      const give = await turn.take(never);
      expect((inside += 1)).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(n);
      inside -= 1;
      give();
    };
    await Promise.all([0, 1, 2, 3].map(visit));
    expect(order).toEqual([0, 1, 2, 3]);
  });

  it('is given up after the time that one wants to wait, and goes to who waits on', async () => {
    const turn = createTurn();
    const give = await turn.take(never);
    const patient = turn.take(never);
    expect(await turn.takeWithin(1, never)).toBeNull();
    give();
    (await patient)();
    expect(await turn.takeWithin(1, never)).not.toBeNull();
  });

  // A turn that went to somebody who had left would never come back: the partition would stand still for ever.
  it('is not lost on who stops waiting in the very moment in which it would be his', async () => {
    const turn = createTurn();
    const give = await turn.take(never);
    const lost = new AbortController();
    const waiting = turn.take(lost.signal);
    lost.abort(new Error('lost'));
    give();
    await expect(waiting).rejects.toThrow('lost');
    expect(await turn.takeWithin(1, never)).not.toBeNull();
  });

  it('is not given twice by giving it back twice', async () => {
    const turn = createTurn();
    const give = await turn.take(never);
    const [second, third] = [turn.take(never), turn.takeWithin(20, never)];
    give();
    give();
    await second;
    expect(await third).toBeNull();
  });

  it('rejects at once for a signal that is aborted', async () => {
    await expect(createTurn().take(AbortSignal.abort(new Error('lost')))).rejects.toThrow('lost');
  });
});
