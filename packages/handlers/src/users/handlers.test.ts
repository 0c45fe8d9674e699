import { describe, expect, it } from '@jest/globals';
import type { HandledDelivery, HandlerContext } from '../handler.ts';
import { handlers, type Registry } from './handlers.ts';

const delivery = { event: 'issues', guid: 'g', payload: { issue: { number: 7 } } } as unknown as HandledDelivery;
const context = { db: {}, effects: {}, signal: AbortSignal.timeout(1) } as unknown as HandlerContext;

/** A call of a user who writes JavaScript. */
const untyped = (call: (registry: Record<'on' | 'onJob', (...args: unknown[]) => void>) => unknown) =>
  handlers(call as unknown as (registry: Registry) => void);

describe('handlers', () => {
  it('are what was registered, in that order, with names and policies', () => {
    const registered = handlers(({ on, onJob }) => {
      on('issues.opened', () => {});
      on('issues.opened', 'welcome', () => {});
      on(['push', 'issues'], 'both', { timeoutMs: 5, onExhausted: 'hold' }, () => {});
      onJob('sync', () => {});
      onJob('sync', 'again', { maxAttempts: 1 }, () => {});
    });
    expect(registered).toEqual([
      { kind: 'delivery', name: 'issues.opened', on: ['issues.opened'], run: expect.any(Function) },
      { kind: 'delivery', name: 'welcome', on: ['issues.opened'], run: expect.any(Function) },
      {
        kind: 'delivery',
        name: 'both',
        on: ['push', 'issues'],
        policy: { timeoutMs: 5, onExhausted: 'hold' },
        run: expect.any(Function),
      },
      { kind: 'delivery', name: 'sync', on: ['hookline_job.sync'], run: expect.any(Function) },
      {
        kind: 'delivery',
        name: 'again',
        on: ['hookline_job.sync'],
        policy: { maxAttempts: 1 },
        run: expect.any(Function),
      },
    ]);
  });

  it('are given one object: the payload, the delivery, and what the delivery lends', async () => {
    const [handler] = handlers(({ on }) => {
      on('issues.opened', ({ payload, delivery: given, db, effects, signal }) => {
        expect(payload).toBe(delivery.payload);
        expect(given).toBe(delivery);
        expect({ db, effects, signal }).toEqual(context);
      });
    });
    await handler?.run(delivery, context);
    expect.assertions(3);
  });

  it('parse the payload only when they ask for it', async () => {
    const unread = { ...delivery } as HandledDelivery;
    Object.defineProperty(unread, 'payload', {
      get() {
        throw new Error('was read');
      },
    });
    const [without, reading] = handlers(({ on, onJob }) => {
      on('issues', 'without', ({ delivery: { guid } }) => expect(guid).toBe('g'));
      onJob('reading', ({ payload }) => void payload);
    });
    await without?.run(unread, context);
    await expect(reading?.run(unread, context)).rejects.toThrow('was read');
  });

  it('of jobs are given the payload of the job, and who asked for it', async () => {
    const cause = { guid: 'c', event: 'push', action: null, source: 's', handler: 'h' };
    const job = { ...delivery, payload: { job: 'sync', payload: { full: true }, cause } };
    const [handler] = handlers(({ onJob }) => {
      onJob<{ full: boolean }>('sync', (given) => expect([given.payload.full, given.cause]).toEqual([true, cause]));
    });
    await handler?.run(job, context);
    expect.assertions(1);
  });

  it('fail as their function does, at once or later', async () => {
    const [atOnce, later] = handlers(({ on }) => {
      on('push', 'at-once', () => {
        throw new Error('at once');
      });
      on('push', 'later', () => Promise.reject(new Error('later')));
    });
    await expect(atOnce?.run(delivery, context)).rejects.toThrow('at once');
    await expect(later?.run(delivery, context)).rejects.toThrow('later');
  });

  it.each<[string, Parameters<typeof untyped>[0], string]>([
    ['nothing to run', ({ on }) => on('push'), 'on("push") has no function to run'],
    ['no function', ({ onJob }) => onJob('a', 'b', {}), 'onJob("a") has no function to run'],
    ['no name', ({ on }) => on('push', 1, () => {}), 'The name in on("push") is not text'],
    ['no options', ({ on }) => on('push', 'a', 1, () => {}), 'The options in on("push") are no object'],
    ['no name for all events', ({ on }) => on('*', () => {}), 'on("*") needs a name'],
    ['no name for several events', ({ on }) => on(['push', 'fork'], () => {}), 'on(["push","fork"]) needs a name'],
    ['no event', ({ on }) => on([], 'a', () => {}), 'on([]) asks for no event'],
    ['an event without a name', ({ on }) => on([null], 'a', () => {}), 'on([null]) asks for no event'],
    // No effect can ask for such a job: the handler would never run.
    ['a job that cannot be', ({ onJob }) => onJob('*', () => {}), 'onJob("*") asks for what is no name of a job'],
    ['a job without a name', ({ onJob }) => onJob(undefined, () => {}), 'asks for what is no name of a job'],
    ['something that comes later', async ({ on }) => on('push', () => {}), 'must not be async'],
  ])('cannot have %s', (_, define, said) => {
    expect(() => untyped(define)).toThrow(said);
  });

  it('cannot be added when the function has returned', () => {
    let late: Registry['on'] | undefined;
    const registered = handlers(({ on }) => {
      late = on;
    });
    expect(() => late?.('push', () => {})).toThrow('on("push") was called after the function');
    expect(registered).toEqual([]);
  });
});
