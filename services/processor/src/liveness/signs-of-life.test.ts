import { describe, expect, it } from '@jest/globals';
import type { Handler, HandledDelivery, HandlerContext } from '@hookline/handlers';
import { notedEvents } from '../testing/noted-events.ts';
import { notingEvents, notingHandlers } from './signs-of-life.ts';

const FENCE = { consumerGroup: 'g', topic: 't', partition: 7, epoch: 1n, incarnation: 0 };
const context = {} as HandlerContext;

function setUp() {
  const notes: number[] = [];
  return { notes, note: (partition: number) => void notes.push(partition) };
}

describe('notingEvents', () => {
  it('takes each event of a partition for a sign of life, and passes it on', () => {
    const { notes, note } = setUp();
    const { events, errors } = notedEvents();
    const noting = notingEvents(events, note);
    noting.retrying(FENCE, 'transaction', 1, 100, new Error('away'));
    noting.owned(3, 0n);
    expect(notes).toEqual([7, 3]);
    expect(errors).toEqual(['transaction: away']);
    expect(noting.sliceStarted(1)()).toBeUndefined();
  });

  it('is not deceived by what comes in for a partition, nor by what concerns none', () => {
    const { notes, note } = setUp();
    const noting = notingEvents(notedEvents().events, note);
    noting.fetched(7, 10, 100n);
    noting.misplaced(7, 1n, 2n);
    noting.joined([7]);
    noting.clientLost(new Error('lost'));
    noting.offsetsNotCopied(null);
    expect(notes).toEqual([]);
  });
});

describe('notingHandlers', () => {
  // A slice of 500 deliveries at a second each takes longer than any silence that is allowed.
  it('takes the end of each call for a sign of life, of failed ones too', async () => {
    const { notes, note } = setUp();
    const handlers: Handler[] = [
      { kind: 'delivery', name: 'one', on: ['*'], run: () => Promise.reject(new Error('no')) },
      { kind: 'slice', name: 'all', on: ['*'], policy: { timeoutMs: 5 }, runSlice: () => Promise.resolve() },
    ];
    const [one, all] = notingHandlers(handlers, note);
    const of = (partition: number) => ({ partition }) as HandledDelivery;
    if (one?.kind !== 'delivery' || all?.kind !== 'slice') throw new Error('the kinds are as given');
    await expect(one.run(of(4), context)).rejects.toThrow('no');
    await all.runSlice([of(5), of(5)], context);
    expect(notes).toEqual([4, 5]);
    expect(all).toMatchObject({ name: 'all', on: ['*'], policy: { timeoutMs: 5 } });
  });
});
