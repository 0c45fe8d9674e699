import { describe, expect, it } from '@jest/globals';
import { createSlots } from './slots.ts';

const never = new AbortController().signal;

describe('slots', () => {
  it('lets no more through than there are, and those who wait in their order', async () => {
    const slots = createSlots(2);
    const order: string[] = [];
    const ask = async (name: string) => {
      const release = await slots.take(never);
      order.push(name);
      return release;
    };
    const [a, b] = await Promise.all([ask('a'), ask('b')]);
    const waiting = [ask('c'), ask('d')];
    await Promise.resolve();
    expect(order).toEqual(['a', 'b']);
    a();
    await waiting[0];
    expect(order).toEqual(['a', 'b', 'c']);
    b();
    await waiting[1];
    expect(order).toEqual(['a', 'b', 'c', 'd']);
  });

  // A place that was lost to somebody who had stopped waiting would be missing for ever.
  it('gives no place to whoever has stopped waiting, and takes a place back once only', async () => {
    const slots = createSlots(1);
    const lost = new AbortController();
    const held = await slots.take(never);
    const given = slots.take(lost.signal);
    const next = slots.take(never);
    lost.abort(new Error('lost'));
    await expect(given).rejects.toThrow('lost');
    held();
    held();
    const release = await next;
    const third = slots.take(never);
    release();
    (await third)();
    await expect(slots.take(lost.signal)).rejects.toThrow('lost');
    (await slots.take(never))();
  });
});
