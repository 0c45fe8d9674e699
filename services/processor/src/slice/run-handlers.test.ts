import { describe, expect, it } from '@jest/globals';
import type { Queryable } from '@hookline/database';
import type { HandledDelivery, Handler, HandlerContext } from '@hookline/handlers';
import { aDelivery } from '@hookline/test-support';
import { handledDelivery } from './handled-delivery.ts';
import { runHandlers, type HandlerFailure } from './run-handlers.ts';

/** What a database would say of the settings before it is lent. */
const before = {
  session: 'us',
  ...{ statement_timeout: '0', lock_timeout: '0', idle_in_transaction_session_timeout: '0' },
  client_connection_check_interval: '0',
};
const tx: Queryable = { query: () => Promise.resolve({ rows: [before as never], rowCount: 1, command: 'SELECT' }) };

function delivery(offset: number, event = 'issues'): HandledDelivery {
  return handledDelivery({
    partition: 0,
    offset: BigInt(offset),
    time: 0,
    orderingKey: 'k',
    delivery: aDelivery({ event }),
  });
}

function each(name: string, run: (delivery: HandledDelivery, context: HandlerContext) => Promise<void>): Handler {
  return { kind: 'delivery', name, on: ['*'], run };
}

function run(handlers: Handler[], deliveries: HandledDelivery[], changes: { signal?: AbortSignal; ms?: number } = {}) {
  const signal = changes.signal ?? new AbortController().signal;
  const settings = { tx, signal, timeoutMs: changes.ms ?? 5000, handlersRole: 'handlers' };
  return runHandlers(handlers, deliveries, settings);
}

/** Null: none has failed. */
async function failureOf(...given: Parameters<typeof run>): Promise<HandlerFailure | null> {
  const end = await run(...given);
  return end.success ? null : end.failure;
}

describe('runHandlers', () => {
  it('resolves to what the handlers have asked for, in the order of the calls, with whose it is', async () => {
    const asks = (name: string) =>
      each(name, ({ offset }, { effects }) => {
        effects.add('test', { offset: Number(offset) });
        effects.add('test', null, { key: 'k', queue: 'q', withBody: true });
        return Promise.resolve();
      });
    const asked = (index: number, handler: string) => [
      {
        index,
        handler,
        requested: { kind: 'test', key: '#0', queue: '', request: { offset: index }, withBody: false },
      },
      { index, handler, requested: { kind: 'test', key: 'k', queue: 'q', request: null, withBody: true } },
    ];
    expect(await run([asks('a'), asks('b')], [delivery(0), delivery(1)])).toEqual({
      success: true,
      effects: [...asked(0, 'a'), ...asked(0, 'b'), ...asked(1, 'a'), ...asked(1, 'b')],
    });
  });

  it('takes no effects from a handler that has settled, well or not', async () => {
    const kept: HandlerContext[] = [];
    const keeps = each('keeps', ({ offset }, context) => {
      kept.push(context);
      return offset === 1n ? Promise.reject(new Error('no')) : Promise.resolve();
    });
    await run([keeps], [delivery(0), delivery(1)]);
    expect(kept).toHaveLength(2);
    for (const { effects } of kept) expect(() => effects.add('test', {})).toThrow('after the handler had settled');
  });

  it('runs delivery by delivery in log order, then each slice handler once with what it asks for', async () => {
    const seen: string[] = [];
    const handlers: Handler[] = [
      {
        kind: 'slice',
        name: 's',
        on: ['issues'],
        runSlice: (all) => Promise.resolve(void seen.push(`s:${all.map(({ offset }) => offset).join()}`)),
      },
      { kind: 'slice', name: 'never', on: ['fork'], runSlice: () => Promise.reject(new Error('not asked for')) },
      each('a', ({ offset }) => Promise.resolve(void seen.push(`a:${offset}`))),
      {
        kind: 'delivery',
        name: 'b',
        on: ['push'],
        run: ({ offset }) => Promise.resolve(void seen.push(`b:${offset}`)),
      },
    ];
    expect(await failureOf(handlers, [delivery(0), delivery(1, 'push'), delivery(2)])).toBeNull();
    expect(seen).toEqual(['a:0', 'a:1', 'b:1', 'a:2', 's:0,2']);
  });

  it('stops at the first failure and names the handler, the delivery and the error', async () => {
    const seen: bigint[] = [];
    const error = new Error('no');
    const failing = each('f', ({ offset }) => {
      seen.push(offset);
      return offset === 1n ? Promise.reject(error) : Promise.resolve();
    });
    expect(await failureOf([failing], [delivery(0), delivery(1), delivery(2)])).toMatchObject({
      handler: 'f',
      error,
      index: 1,
    });
    expect(seen).toEqual([0n, 1n]);
  });

  it('cannot tell which delivery a slice handler failed for', async () => {
    const error = new Error('no');
    const failing: Handler = { kind: 'slice', name: 's', on: ['*'], runSlice: () => Promise.reject(error) };
    expect(await failureOf([failing], [delivery(0), delivery(1)])).toMatchObject({ handler: 's', error, index: null });
  });

  it('counts a handler that throws before its first await as failed', async () => {
    const failing = each('f', () => {
      throw new Error('at once');
    });
    expect(await failureOf([failing], [delivery(0)])).toMatchObject({ handler: 'f', index: 0 });
  });

  it('ends a handler that takes too long, and tells it by its signal', async () => {
    let aborted = false;
    const hanging = each('slow', (_, { signal }) => {
      signal.addEventListener('abort', () => (aborted = true));
      return new Promise(() => {});
    });
    const failure = await failureOf([hanging], [delivery(0)], { ms: 20 });
    expect(failure?.error).toHaveProperty('message', 'Handler slow did not settle within 20 ms.');
    expect(aborted).toBe(true);
  });

  it('gives a handler the time that its own policy says', async () => {
    const slow: Handler = { ...each('slow', () => new Promise(() => {})), policy: { timeoutMs: 20 } };
    const failure = await failureOf([slow], [delivery(0)], { ms: 60_000 });
    expect(failure?.error).toHaveProperty('message', 'Handler slow did not settle within 20 ms.');
  });

  it('takes the database away from a handler that goes on after its end', async () => {
    let late: Promise<unknown> = Promise.resolve();
    const gate = Promise.withResolvers<void>();
    const floating = each('floats', (_, { db }) => {
      late = gate.promise.then(() => db.query('select 1'));
      late.catch(() => {});
      return Promise.resolve();
    });
    expect(await failureOf([floating], [delivery(0)])).toBeNull();
    gate.resolve();
    await expect(late).rejects.toThrow('used its database after it had settled');
  });

  it('fails a handler that returns with a query pending', async () => {
    const floating = each('floats', (_, { db }) => {
      void db.query('select 1');
      return Promise.resolve();
    });
    const answered = Promise.withResolvers<never>();
    const slow: Queryable = { query: () => answered.promise };
    const signal = new AbortController().signal;
    const end = await runHandlers([floating], [delivery(0)], {
      tx: slow,
      signal,
      timeoutMs: 5000,
      handlersRole: 'handlers',
    });
    const failure = { error: { message: expect.stringContaining('settled with a query pending') } };
    expect(end).toMatchObject({ success: false, failure });
  });

  // Whose failure it is depends on what the transaction has said, which a handler may hide behind an error of its own.
  it("tells what the handler's transaction has said, whatever the handler makes of it", async () => {
    const condition = Object.assign(new Error('terminating connection'), { code: '57P01' });
    const away: Queryable = { query: () => Promise.reject(condition) };
    const signal = new AbortController().signal;
    const hides = each('hides', (_, { db }) =>
      db.query('select 1').then(undefined, () => Promise.reject(new Error('no'))),
    );
    expect(
      await runHandlers([hides], [delivery(0)], { tx: away, signal, timeoutMs: 5000, handlersRole: 'handlers' }),
    ).toMatchObject({
      success: false,
      failure: { error: { message: 'no' }, said: condition },
    });
  });

  it("takes a handler's own network errors for the handler's, however much they look like the database's", async () => {
    const error = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    expect(await failureOf([each('calls out', () => Promise.reject(error))], [delivery(0)])).toMatchObject({
      error,
      said: undefined,
    });
  });

  it('throws when the partition is lost, and tells the handler', async () => {
    const lost = new AbortController();
    const reason = new Error('lost');
    const handler = each('f', (_, { signal }) => {
      const ended = new Promise<void>((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new Error('told'))),
      );
      lost.abort(reason);
      return ended;
    });
    await expect(run([handler], [delivery(0)], { signal: lost.signal })).rejects.toBe(reason);
  });
});

describe('handledDelivery', () => {
  it('parses the payload when first asked, once, for json and for form bodies, and keeps the secret label to itself', () => {
    const json = delivery(0);
    expect(json.payload).toMatchObject({ action: 'opened' });
    expect(json.payload).toBe(json.payload);
    expect(json).not.toHaveProperty('secretLabel');
    const form = handledDelivery({
      partition: 0,
      offset: 0n,
      time: 0,
      orderingKey: 'k',
      delivery: aDelivery({
        body: Buffer.from(`payload=${encodeURIComponent('{"action":"closed"}')}`),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      }),
    });
    expect(form.payload).toEqual({ action: 'closed' });
  });

  it('says which delivery has a payload that cannot be read', () => {
    const broken = aDelivery({ body: Buffer.from('{'), headers: {} });
    const handled = handledDelivery({ partition: 0, offset: 0n, time: 0, orderingKey: 'k', delivery: broken });
    expect(() => handled.payload).toThrow(`The payload of delivery ${broken.guid} cannot be read`);
  });
});
