import { describe, expect, it } from '@jest/globals';
import type { Database } from '@hookline/database';
import type { EffectKind } from '@hookline/runtime';
import { until } from '@hookline/test-support';
import { notingKind, type SentEffect } from './testing/kinds.ts';
import { relayWorld, type GivenEffect } from './testing/relay-world.ts';

const world = relayWorld();

const FAST = {
  HOOKLINE_LEASE_MS: '1600',
  HOOKLINE_LEASE_MARGIN_MS: '200',
  HOOKLINE_EFFECT_DEADLINE_MS: '800',
  HOOKLINE_EFFECT_RETRY_MIN_MS: '50',
  HOOKLINE_EFFECT_RETRY_MAX_MS: '200',
};
const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/** Effects of all keys in turns, each with its number. */
const inTurns = (count: number, given: Partial<GivenEffect> = {}): GivenEffect[] =>
  Array.from({ length: count }, (_, n) => ({
    orderingKey: KEYS[n % KEYS.length] as string,
    partition: (n % KEYS.length) % 4,
    ...given,
    request: { n, ...(given.request as object) },
  }));
const settled = (ids: readonly string[]) =>
  until('all are settled', async () => (await world.states(ids))['settled'] === ids.length, 60_000);
const firsts = (sent: readonly SentEffect[]) => [...new Map(sent.map((one) => [one.effectId, one])).values()];

function expectOrder(sent: readonly SentEffect[], asked: readonly GivenEffect[]): void {
  for (const key of KEYS) {
    const numbers = asked
      .filter(({ orderingKey }) => orderingKey === key)
      .map(({ request }) => (request as { n: number }).n);
    expect(sent.filter((one) => one.key === key).map(({ request }) => request['n'])).toEqual(numbers);
  }
}

async function audit(): Promise<Record<string, unknown>[]> {
  const { rows } = await world.database.query(
    `select effect_id as id, decision, attempt from hookline.audit_log where stage = 'effect' order by audit_id`,
  );
  return rows;
}

describe('a relay', () => {
  it('sends each effect once, those of a key one after another in the order of their commits', async () => {
    const sent: SentEffect[] = [];
    await world.start({ kinds: [notingKind(sent)] });
    const asked = inTurns(160);
    const ids = [...(await world.give(asked.slice(0, 80))), ...(await world.give(asked.slice(80)))];
    await settled(ids);
    expect(sent.map(({ effectId }) => effectId).toSorted()).toEqual(ids.toSorted());
    expectOrder(sent, asked);
  });

  it('delays the key of what fails, and no other', async () => {
    const sent: SentEffect[] = [];
    const failing = { current: true };
    const kind = notingKind(sent, ({ key }) =>
      key === 'a' && failing.current ? { outcome: 'failed', error: 'away' } : undefined,
    );
    await world.start({ kinds: [kind] }, FAST);
    const asked = inTurns(64);
    const ids = await world.give(asked);
    await settled(ids.filter((_, n) => n % KEYS.length !== 0));
    await until('it was tried again', () => sent.filter(({ key }) => key === 'a').length >= 3);
    expect(await world.states(ids)).toMatchObject({ settled: 56 });
    failing.current = false;
    await settled(ids);
    const ofKey = sent.filter(({ key }) => key === 'a');
    expectOrder(
      sent.filter(({ key }, n) => key !== 'a' || sent.findLastIndex((one) => one.effectId === sent[n]?.effectId) === n),
      asked,
    );
    expect(ofKey.map(({ attempt }) => attempt).slice(0, 3)).toEqual([1, 2, 3]);
  });

  it('has others go on beside a target that hangs, though it has more keys than there are places', async () => {
    const sent: SentEffect[] = [];
    const kind = notingKind(sent, ({ request }, { signal }) =>
      request['target'] === 'hangs'
        ? new Promise((resolve) => {
            signal.addEventListener('abort', () => resolve({ outcome: 'failed', error: 'it hangs' }));
          })
        : undefined,
    );
    await world.start({ kinds: [kind] }, { HOOKLINE_EFFECT_CONCURRENCY: '8', HOOKLINE_STOP_GRACE_MS: '0' });
    const hanging = Array.from({ length: 40 }, (_, n) => ({ orderingKey: `h${n}`, request: { target: 'hangs' } }));
    await world.give(hanging);
    await until('it hangs', () => sent.length >= 4);
    await settled(await world.give(inTurns(40)));
    expect(sent.filter(({ request }) => request['target'] === 'hangs')).toHaveLength(4);
  });

  it('obeys the limit of a target, without counting what it put off, and sends to others meanwhile', async () => {
    const sent: SentEffect[] = [];
    const limits = new Set(['slow']);
    const kind = notingKind(sent, ({ request }) =>
      limits.delete(String(request['target'])) ? { outcome: 'limited', error: 'later', afterMs: 700 } : undefined,
    );
    const { metric } = await world.start({ kinds: [kind] }, FAST);
    const [first] = await world.give([{ orderingKey: 'a', request: { target: 'slow' } }]);
    await until('it was limited', () => sent.length === 1);
    const ids = await world.give([
      ...inTurns(8, { request: { target: 'slow' } }),
      ...inTurns(8, { request: { target: 'fast' } }).map((one) => ({ ...one, orderingKey: `f${one.orderingKey}` })),
    ]);
    await settled(ids.slice(8));
    expect(sent.filter(({ request }) => request['target'] === 'slow')).toHaveLength(1);
    await settled([first as string, ...ids]);
    expect(sent.filter(({ effectId }) => effectId === first).map(({ attempt }) => attempt)).toEqual([1, 1]);
    expect(await metric('hookline_effect_attempts_total')).toContain('outcome="limited"} 1');
  });

  it('sets aside what is refused or has failed too often, and goes on with the next of the key', async () => {
    const sent: SentEffect[] = [];
    const kind = notingKind(sent, ({ request }) => {
      if (request['n'] === 0) return { outcome: 'refused', error: 'no such thing' };
      return request['n'] === 1 ? { outcome: 'failed', error: 'away' } : undefined;
    });
    await world.start({ kinds: [kind] }, { ...FAST, HOOKLINE_EFFECT_MAX_ATTEMPTS: '3' });
    const ids = await world.give(inTurns(3).map((one) => ({ ...one, orderingKey: 'a', partition: 0 })));
    await settled(ids.slice(2));
    expect(sent.map(({ request }) => request['n'])).toEqual([0, 1, 1, 1, 2]);
    const { rows } = await world.database.query(
      'select effect_id as id, state, reason, error, attempts from hookline.outbox order by position',
    );
    expect(rows).toEqual([
      { id: ids[0], state: 'dead', reason: 'refused', error: 'no such thing', attempts: 1 },
      { id: ids[1], state: 'dead', reason: 'exhausted', error: 'away', attempts: 3 },
    ]);
    expect((await audit()).map(({ decision, attempt }) => [decision, attempt])).toEqual([
      ['dead-lettered', 1],
      ['failed', 1],
      ['failed', 2],
      ['dead-lettered', 3],
      ['sent', 1],
    ]);
  });

  it('has effects of a kind that it does not know wait, and says so', async () => {
    const sent: SentEffect[] = [];
    const { metric } = await world.start({ kinds: [notingKind(sent)] }, FAST);
    const ids = await world.give([{ kind: 'tomorrow', orderingKey: 'a' }, { orderingKey: 'a' }, { orderingKey: 'b' }]);
    await settled(ids.slice(2));
    await until('it was counted', async () =>
      (await metric('hookline_effects_unknown_kind_total')).includes('kind="tomorrow"} 1'),
    );
    await until('it waits', async () => (await world.states(ids))['waiting'] === 2);
    const { rows } = await world.database.query('select attempts, error from hookline.outbox order by position');
    expect(rows[0]).toEqual({ attempts: 0, error: 'No relay knows the kind tomorrow.' });
    expect(await audit()).toHaveLength(1);
  });

  it('goes on when its connections are ended, without sending twice what was sent', async () => {
    const sent: SentEffect[] = [];
    await world.start({ kinds: [notingKind(sent)] }, FAST);
    const asked = inTurns(200);
    const ids = await world.give(asked);
    await until('it sends', () => sent.length > 20);
    await world.database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name like 'hookline-relay%'`,
    );
    await settled(ids);
    expect(sent).toHaveLength(ids.length);
    expectOrder(sent, asked);
  });

  // COMMIT has succeeded, and its reply is lost: what is recorded as begun was not, what is settled is settled.
  it('loses and doubles nothing when replies to its statements are lost', async () => {
    const sent: SentEffect[] = [];
    let statements = 0;
    const losing = (database: Database): Database => ({
      ...database,
      async acquire() {
        const client = await database.acquire();
        return {
          ...client,
          async query(text, values) {
            const result = await client.query<never>(text, values);
            if (text === 'commit' && (statements += 1) % 5 === 0) throw new Error('the reply was lost');
            return result;
          },
        };
      },
    });
    // Of what cannot be sent again without a doubt nothing is set aside: it is known that it was not begun.
    const kind = notingKind(sent, undefined, { onAmbiguous: () => 'park' });
    await world.start({ kinds: [kind], aroundDatabase: losing }, FAST);
    const asked = inTurns(80);
    const ids = await world.give(asked);
    await settled(ids);
    expect(statements).toBeGreaterThan(10);
    expect(sent).toHaveLength(ids.length);
    expectOrder(sent, asked);
  });
});

describe('a relay without its database', () => {
  it('is alive and not ready, says why, and can be stopped', async () => {
    const { health, stop } = await world.start({}, { HOOKLINE_DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' });
    const { live, ready } = health.report();
    expect(live.ok).toBe(true);
    expect(ready.probes).toEqual([{ name: 'leases', ok: false, reason: 'no lease was asked for yet' }]);
    await stop();
  });

  it('sends when it is migrated at last', async () => {
    const sent: SentEffect[] = [];
    await world.database.query('alter table hookline.relays rename to relays_later');
    const { health } = await world.start({ kinds: [notingKind(sent)] });
    const ids = await world.give([{}]);
    expect(health.report().ready.ok).toBe(false);
    await world.database.query('alter table hookline.relays_later rename to relays');
    await settled(ids);
    expect(health.report().ready.ok).toBe(true);
  });
});

describe('several relays', () => {
  it('share the shards, and keep the order of each key while one comes and another goes', async () => {
    const sent: SentEffect[] = [];
    const by = new Set<string>();
    const of = (name: string) => ({ kinds: [notingKind(sent, () => void by.add(name))] });
    const one = await world.start(of('one'), FAST);
    const asked: GivenEffect[] = [];
    const ids: string[] = [];
    // There is always more: nobody may be done before the other one has begun.
    const giveMore = async (): Promise<void> => {
      const more = inTurns(64).map((effect, n) => ({ ...effect, request: { n: asked.length + n } }));
      asked.push(...more);
      ids.push(...(await world.give(more)));
    };
    const untilSend = (relays: number) =>
      until(`${relays} send`, async () => {
        await giveMore();
        return by.size === relays;
      });
    await untilSend(1);
    await world.start(of('two'), FAST);
    await untilSend(2);
    await one.stop();
    await settled(ids);
    expect(sent).toHaveLength(ids.length);
    expectOrder(sent, asked);
  });

  it('go on at once with what one has given back', async () => {
    const sent: SentEffect[] = [];
    const long = { HOOKLINE_LEASE_MS: '60000' };
    const one = await world.start({ kinds: [notingKind(sent)] }, long);
    await settled(await world.give(inTurns(8)));
    await world.start({ kinds: [notingKind(sent)] }, long);
    await one.stop();
    // By its lease alone this would take longer than the test may.
    await settled(await world.give(inTurns(8)));
    expect(sent).toHaveLength(16);
  });

  it('give a shard back only when what is being sent of it has ended', async () => {
    const sent: SentEffect[] = [];
    const gate = Promise.withResolvers<undefined>();
    const one = await world.start({ kinds: [notingKind(sent, () => gate.promise)] });
    const ids = await world.give([{ orderingKey: 'a' }, { orderingKey: 'a' }]);
    await until('it is being sent', () => sent.length === 1);
    const two = await world.start({ kinds: [notingKind(sent)] });
    const stopped = one.stop();
    await until('the others are given back', async () => {
      const { rows } = await world.database.query(
        'select count(*)::integer as n from hookline.outbox_shards group by owner order by n',
      );
      return rows.length === 2 && rows[1]?.['n'] === 3;
    });
    expect(await world.states(ids)).toEqual({ sending: 1, waiting: 1 });
    expect(sent).toHaveLength(1);
    gate.resolve(undefined);
    await stopped;
    await settled(ids);
    expect(sent.map(({ attempt }) => attempt)).toEqual([1, 1]);
    expect(two.health.report().ready.ok).toBe(true);
  });

  // What a relay that is gone was sending has an outcome that nobody knows: it waits for the attempt's end, and is looked into.
  it.each([
    ['look', 'sent', 0],
    ['resend', 'settled by sending again', 1],
    ['park', 'set aside', 0],
  ] as const)('take over what one was sending: %s, and it is %s', async (how, _, again) => {
    const sent: SentEffect[] = [];
    const [id] = await world.give([{ orderingKey: 'a' }]);
    await world.database.query(
      `insert into hookline.outbox_shards (consumer_group, topic, kafka_partition, epoch, owner, lease_until)
       select consumer_group, topic, kafka_partition, 4, 'gone', now() - interval '1 s' from hookline.outbox`,
    );
    await world.database.query(
      `update hookline.outbox set state = 'sending', attempts = 1, total_attempts = 1, attempt_started_at = now(),
              attempt_ends_at = now() + interval '500 ms'`,
    );
    const looks: string[] = [];
    const kind = notingKind(sent, undefined, {
      onAmbiguous: () => how,
      look: ({ effectId }) => Promise.resolve({ found: 'sent', result: looks.push(effectId) }),
    });
    await world.start({ kinds: [kind] }, FAST);
    const end = await until('it has ended', async () => {
      const states = await world.states([id as string]);
      return states['settled'] ? 'settled' : states['dead'] && 'dead';
    });
    expect(end).toBe(how === 'park' ? 'dead' : 'settled');
    expect(sent).toHaveLength(again);
    expect(looks).toHaveLength(how === 'look' ? 1 : 0);
    const [ambiguous] = await audit();
    expect(ambiguous).toEqual({ id, decision: 'ambiguous', attempt: 1 });
  });

  it('write nothing of an attempt when another has taken the shard meanwhile', async () => {
    const sent: SentEffect[] = [];
    const gate = Promise.withResolvers<undefined>();
    const kind = notingKind(sent, () => gate.promise);
    const { metric } = await world.start({ kinds: [kind] }, { HOOKLINE_LEASE_MS: '60000' });
    const [id] = await world.give([{ orderingKey: 'a' }]);
    await until('it is being sent', () => sent.length === 1);
    await world.database.query(`update hookline.outbox_shards set epoch = epoch + 1, owner = 'another'`);
    gate.resolve(undefined);
    await until('it was counted', async () => (await metric('hookline_effect_attempts_total')).includes('"sent"} 1'));
    expect(await world.states([id as string])).toEqual({ sending: 1 });
    expect(firsts(sent)).toHaveLength(1);
  });

  // A process that is frozen behind its last look at the lease sends when it wakes, and another has sent meanwhile.
  it('look for the twin of what they have sent when another has taken the shard meanwhile, if they can', async () => {
    const sent: SentEffect[] = [];
    const looked: string[] = [];
    const gate = Promise.withResolvers<undefined>();
    const looks: Partial<EffectKind> = {
      onAmbiguous: () => 'look',
      look: ({ effectId }) => Promise.resolve({ found: looked.push(effectId) > 0 ? 'sent' : 'nothing' }),
    };
    const refuses = ({ key }: SentEffect) =>
      gate.promise.then(() => (key === 'b' ? ({ outcome: 'refused', error: 'no' } as const) : undefined));
    await world.start({ kinds: [notingKind(sent, refuses, looks)] }, { HOOKLINE_LEASE_MS: '60000' });
    const [twin] = await world.give([{ orderingKey: 'a' }, { orderingKey: 'b' }]);
    await until('they are being sent', () => sent.length === 2);
    await world.database.query(`update hookline.outbox_shards set epoch = epoch + 1, owner = 'another'`);
    gate.resolve(undefined);
    await until('it was looked', () => looked.length > 0);
    expect(looked).toEqual([twin]);
    expect(sent).toHaveLength(2);
  });
});
