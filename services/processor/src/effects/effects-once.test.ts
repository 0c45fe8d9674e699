import { aDelivery } from '@hookline/test-support';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Handler } from '@hookline/handlers';
import type { Database } from '@hookline/database';
import { handler } from '../testing/lane-world.ts';
import { ownStories } from '../testing/own-stories.ts';
import { command, type Story } from '../testing/story.ts';
import { redrive } from '../testing/targets.ts';

const { world, story } = ownStories();

/** Names of handlers that fail, behind what they have asked for. */
const failing = new Set<string>();
let hints = 0;

beforeEach(() => {
  failing.clear();
  hints = 0;
});

/** A handler that asks for two effects, of which the first has a key. */
function asks(name: string, fails = () => failing.has(name)): Handler {
  return handler(name, ({ offset }, { effects }) => {
    effects.add('test', { offset: Number(offset) }, { key: 'one' });
    effects.add('test', { offset: Number(offset) });
    return fails() ? Promise.reject(new Error(`${name} failed`)) : Promise.resolve();
  });
}

function begin(handlers: Handler[] = [asks('a'), asks('b')], changes = {}): Story {
  return story({ handlers, hintRelays: () => void hints++, ...changes });
}

/** `offset handler key` of what waits to be sent, in the order of positions. */
async function asked(one: Story): Promise<string[]> {
  const { rows } = await world().database.query<{ said: string }>(
    `select concat_ws(' ', kafka_offset, handler, effect_key) as said
       from hookline.outbox where kafka_partition = $1 order by position`,
    [one.fence().partition],
  );
  return rows.map(({ said }) => said);
}

const of = (offset: number, ...handlers: string[]) =>
  handlers.flatMap((name) => [`${offset} ${name} one`, `${offset} ${name} #0`]);

describe('the effects of handlers', () => {
  it('are in the outbox in the order in which they were asked for, and relays are told', async () => {
    const one = begin();
    await one.log([0, 1, 2].map((offset) => world().read(offset, aDelivery({ repository: offset }))));
    expect(await asked(one)).toEqual([...of(0, 'a', 'b'), ...of(1, 'a', 'b'), ...of(2, 'a', 'b')]);
    expect(hints).toBe(1);
  });

  it('are those of a delivery and its place', async () => {
    const delivery = aDelivery({ repository: 5 });
    const one = begin([asks('a')]);
    await one.log([world().read(0, delivery)]);
    const { rows } = await world().database.query('select * from hookline.outbox where kafka_partition = $1', [
      one.fence().partition,
    ]);
    const { guid, digest, event, action, source } = delivery;
    const of = { guid, digest, event, action, source, dedup_scope: delivery.dedupScope, repository_id: '5' };
    const place = { ...{ consumer_group: 'g', topic: 't', kafka_offset: '0', incarnation: 1 } };
    expect(rows[0]).toMatchObject({ ...of, ...place, ordering_key: 'github.com/repository/5', request: { offset: 0 } });
  });

  // A lane has no place for the record's own headers.
  it('go on with the trace of their record, also behind a wait in a lane; what is no trace is left', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const one = begin([asks('a')], { lanePolicy: LATER });
    const traced = (offset: number, header: string) => world().read(offset, aDelivery(), { traceparent: header });
    await one.log([traced(0, traceparent), traced(1, 'none')]);
    failing.add('a');
    await one.log([traced(2, traceparent)]);
    failing.clear();
    await one.lanes({ policy: LATER });
    const { rows } = await world().database.query(
      `select kafka_offset::int as "offset", traceparent from hookline.outbox
        where kafka_partition = $1 and effect_key = 'one' order by position`,
      [one.fence().partition],
    );
    expect(rows).toEqual([
      { offset: 0, traceparent },
      { offset: 1, traceparent: null },
      { offset: 2, traceparent },
    ]);
  });

  it('are none where a handler asks for none: no relay is told', async () => {
    const one = begin([handler('quiet', () => Promise.resolve())]);
    await one.log([world().read(0)]);
    expect(await asked(one)).toEqual([]);
    expect(hints).toBe(0);
  });

  it('are not asked for twice by a delivery that arrives again', async () => {
    const delivery = aDelivery();
    const one = begin();
    await one.log([world().read(0, delivery), world().read(1, delivery)], [world().read(2, delivery)]);
    expect(await asked(one)).toEqual(of(0, 'a', 'b'));
  });
});

describe('effects of handlers that fail', () => {
  it('are none; those of the records beside it are there once', async () => {
    const fails = handler('b', ({ offset }, { effects }) => {
      effects.add('test', {});
      return offset === 1n ? Promise.reject(new Error('no')) : Promise.resolve();
    });
    const one = begin([asks('a'), fails], { lanePolicy: LATER });
    await one.log([0, 1, 2].map((offset) => world().read(offset, aDelivery({ repository: offset }))));
    expect(await asked(one)).toEqual([...of(0, 'a'), '0 b #0', ...of(2, 'a'), '2 b #0']);
    expect((await one.audit('log'))[1]).toBe('1 parked');
  });

  it('come with the retry that succeeds, in the order of the key', async () => {
    const one = begin(undefined, { lanePolicy: LATER });
    failing.add('b');
    await one.log([world().read(0), world().read(1)]);
    expect(await asked(one)).toEqual([]);
    hints = 0;
    failing.clear();
    const lanes = await one.lanes({ policy: LATER, hintRelays: () => void hints++ });
    expect(lanes.said).toContain('processed');
    expect(await asked(one)).toEqual([...of(0, 'a', 'b'), ...of(1, 'a', 'b')]);
    expect(hints).toBeGreaterThan(0);
  });

  it('are those of the others in a last run', async () => {
    const one = begin([asks('a'), asks('b'), asks('c')]);
    failing.add('b');
    await one.log([world().read(0)]);
    const lanes = await one.lanes({ hintRelays: () => void hints++ });
    expect(lanes.said.at(-1)).toBe('dead-lettered');
    expect(await asked(one)).toEqual(of(0, 'a', 'c'));
    expect(hints).toBe(2);
  });

  it.each(['reset', 'redrive'])('come once, of the dead handler only, with a %s', async (how) => {
    const delivery = aDelivery();
    const one = begin();
    failing.add('b');
    await one.log([world().read(0, delivery)]);
    await one.lanes();
    expect(await asked(one)).toEqual(of(0, 'a'));
    failing.clear();
    const again = how === 'reset' ? world().read(1, delivery) : world().order(1, command(redrive(1, ['b'])));
    await one.log([again]);
    await one.lanes();
    await one.log([world().read(2, delivery)]);
    await one.lanes();
    expect(await asked(one)).toEqual(of(0, 'a', 'b'));
  });
});

const LATER = { maxAttempts: 10, maxKills: 3, retry: { baseMs: 1, maxMs: 2 } };

describe('effects of what runs again', () => {
  // The handlers run twice, and only one run of them commits.
  it('are there once where the transaction was rolled back', async () => {
    let runs = 0;
    const once = handler('once', async (_, { effects, db }) => {
      effects.add('test', { run: ++runs });
      if (runs === 1) await db.query(`do $$ begin raise exception 'again' using errcode = '40001'; end $$`);
    });
    const one = begin([once]);
    await one.own([[world().read(0)]]);
    expect(await one.owner().worker.run()).toBe('CLOSED');
    expect(runs).toBeGreaterThan(1);
    expect(await asked(one)).toEqual(['0 once #0']);
  });

  it('are there once where the reply to COMMIT was lost', async () => {
    const one = begin();
    await one.own([[world().read(0)]], { database: losingReply(world().serving) });
    expect(await one.owner().worker.run()).toBe('CLOSED');
    expect(one.owner().errors.join()).toContain('transaction');
    expect(await asked(one)).toEqual(of(0, 'a', 'b'));
  });

  it('are known where the claim was forgotten, whether they wait or were settled', async () => {
    const delivery = aDelivery();
    const one = begin();
    await one.log([world().read(0, delivery)]);
    const { partition } = one.fence();
    await world().database.query(SETTLE_KEYED, [partition]);
    await world().database.query('delete from hookline.processed_deliveries where kafka_partition = $1', [partition]);
    hints = 0;
    await one.log([world().read(1, delivery)]);
    expect((await one.audit('log')).at(-1)).toBe('1 processed');
    expect(await asked(one)).toEqual(['0 a #0', '0 b #0']);
    expect((await one.audit('effect')).toSorted()).toEqual([...['1 known a', '1 known a', '1 known b', '1 known b']]);
  });
});

/** A relay has sent those that have a key. */
const SETTLE_KEYED = `
  with sent as (delete from hookline.outbox where kafka_partition = $1 and effect_key = 'one' returning *)
  insert into hookline.settled_effects
         (effect_id, consumer_group, topic, kafka_partition, ordering_key, queue, kind, handler, effect_key, dedup_scope,
          guid, digest, repository_id, outcome, attempts, created_at)
  select effect_id, consumer_group, topic, kafka_partition, ordering_key, queue, kind, handler, effect_key, dedup_scope,
         guid, digest, repository_id, 'sent', total_attempts, created_at
    from sent`;

/** The first COMMIT takes effect, and its reply is lost. */
function losingReply(database: Database): Database {
  let lost = false;
  return {
    ...database,
    async acquire() {
      const client = await database.acquire();
      return {
        ...client,
        query: async (text, values) => {
          const answer = await client.query(text, values);
          if (text !== 'commit' || lost) return answer as never;
          lost = true;
          throw new Error('the reply was lost');
        },
      };
    },
  };
}
