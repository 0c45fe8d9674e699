import { writeControl, type ControlTarget } from '@hookline/contracts';
import { writeCommands } from '@hookline/database';
import { until } from '@hookline/test-support';
import { describe, expect, it } from '@jest/globals';
import { handler } from '../testing/lane-world.ts';
import { notedEvents } from '../testing/noted-events.ts';
import { ownStories } from '../testing/own-stories.ts';
import { command, KEY, type Story } from '../testing/story.ts';
import { effect } from '../testing/targets.ts';
import { createTableOrders } from './table-orders.ts';

const { world, story } = ownStories();

interface EffectsStory {
  one: Story;
  /** By their keys. */
  ids: Record<string, string>;
  hints: () => number;
}

/** A delivery at offset 0 whose handler has asked for effects of these keys; all of them are dead, after four attempts. */
async function deadEffects(...keys: string[]): Promise<EffectsStory> {
  let hints = 0;
  const asks = handler('asks', (_, { effects }) => {
    for (const key of keys) effects.add('test', { key }, { key });
    return Promise.resolve();
  });
  const one = story({ handlers: [asks], hintRelays: () => void hints++ });
  await one.log([world().read(0)]);
  hints = 0;
  const { rows } = await world().database.query<{ effect_id: string; effect_key: string }>(
    `update hookline.outbox set state = 'dead', reason = 'exhausted', error = 'no', attempts = 4, total_attempts = 4
      where kafka_partition = $1
     returning effect_id, effect_key`,
    [one.fence().partition],
  );
  const ids = Object.fromEntries(rows.map((row) => [row.effect_key, row.effect_id]));
  return { one, ids, hints: () => hints };
}

async function said({ one }: EffectsStory, query: string): Promise<string[]> {
  const { rows } = await world().database.query<{ said: string }>(query, [one.fence().partition]);
  return rows.map((row) => row.said);
}

/** `key state attempts total_attempts reason` of what is in the outbox, in the order of positions. */
const outbox = (of: EffectsStory) =>
  said(
    of,
    `select concat_ws(' ', effect_key, state, attempts, total_attempts, reason, error) as said
       from hookline.outbox where kafka_partition = $1 order by position`,
  );
const settled = (of: EffectsStory) =>
  said(
    of,
    `select concat_ws(' ', effect_key, outcome, attempts) as said
       from hookline.settled_effects where kafka_partition = $1 order by effect_key`,
  );

const order = (offset: number, target: ControlTarget, id?: string) => world().order(offset, command(target, id));
const redrive = (id: string | undefined, generation = 4) => effect('redrive-effect', id ?? '', generation);
const discard = (id: string | undefined, generation = 4) => effect('discard-effect', id ?? '', generation);

describe('a dead effect', () => {
  it('waits to be sent when it is redriven: behind what waits, in the order of the commands, as if it were new', async () => {
    const of = await deadEffects('a', 'b', 'c');
    const { one, ids } = of;
    await one.log([order(1, redrive(ids['c'])), order(2, redrive(ids['a']))]);
    expect(await outbox(of)).toEqual(['b dead 4 4 exhausted no', 'c waiting 0 4', 'a waiting 0 4']);
    expect(await one.audit('log')).toEqual(['0 processed', '1 applied ada', '2 applied ada']);
    expect(await one.audit('operator')).toEqual(['1 redriven asks ada', '2 redriven asks ada']);
    expect(of.hints()).toBe(1);
  });

  // Sent at once, it could be there twice: what is not known is no better known because somebody wants it sent.
  it('is still to be looked for when it is redriven and nobody knows whether it had its effect', async () => {
    const of = await deadEffects('a', 'b');
    const { one, ids } = of;
    await world().database.query(`update hookline.outbox set reason = 'ambiguous' where effect_id = $1`, [ids['a']]);
    await one.log([order(1, redrive(ids['a'])), order(2, redrive(ids['b']))]);
    expect(await outbox(of)).toEqual(['a sending 0 4 no', 'b waiting 0 4']);
    const { rows } = await world().database.query(
      'select attempt_ends_at <= now() as is_over from hookline.outbox where effect_id = $1',
      [ids['a']],
    );
    expect(rows).toEqual([{ is_over: true }]);
  });

  it('is audited with its delivery', async () => {
    const of = await deadEffects('a');
    const { one, ids } = of;
    await one.log([order(1, redrive(ids['a']))]);
    const { rows } = await world().database.query(
      `select redriven.effect_id, redriven.ordering_key, redriven.guid = processed.guid as same_delivery
         from hookline.audit_log redriven join hookline.audit_log processed using (kafka_partition)
        where kafka_partition = $1 and redriven.stage = 'operator' and processed.decision = 'processed'`,
      [one.fence().partition],
    );
    expect(rows).toEqual([{ effect_id: ids['a'], ordering_key: KEY, same_delivery: true }]);
  });

  it('is settled without being sent when it is discarded, and stays known', async () => {
    const of = await deadEffects('a', 'b', 'c');
    const { one, ids } = of;
    await one.log([order(1, discard(ids['a'])), order(2, discard(ids['b']))]);
    expect(await outbox(of)).toEqual(['c dead 4 4 exhausted no']);
    expect(await settled(of)).toEqual(['a discarded 4', 'b discarded 4']);
    expect(await one.audit('operator')).toEqual(['1 discarded asks ada', '2 discarded asks ada']);
    expect(of.hints()).toBe(0);
  });

  it.each<[string, (ids: Record<string, string>) => ControlTarget, string]>([
    ['that has been tried since', ({ a }) => redrive(a, 3), 'It has had 4 attempts, and had 3 when it was decided.'],
    ['of another key', ({ a }) => ({ ...redrive(a), orderingKey: 'k' }), 'It is not in the outbox'],
    ['that is not there', () => discard('9d1f0c52-0000-8000-8000-000000000001'), 'It is not in the outbox'],
    ['that waits', ({ waits }) => redrive(waits), 'It is waiting, and was dead when it was decided.'],
  ])('is left as it is by a decision about one %s', async (_, target, detail) => {
    const of = await deadEffects('a', 'waits');
    const { one, ids } = of;
    await world().database.query(`update hookline.outbox set state = 'waiting', reason = null where effect_id = $1`, [
      ids['waits'],
    ]);
    const before = await outbox(of);
    const wanted = target(ids);
    // Whatever its key says, it is read where it is.
    const owned = { ...wanted, orderingKey: wanted.orderingKey === 'k' ? 'github.com/repository/2' : KEY };
    await one.log([order(1, owned)]);
    expect(await outbox(of)).toEqual(before);
    expect(await one.commands()).toEqual([expect.stringContaining(`${wanted.command} refused ${detail}`)]);
  });

  it('is decided about once: what is read again has no effect, and another finds what the first has done', async () => {
    const of = await deadEffects('a', 'b');
    const { one, ids } = of;
    const id = '5d1b2c00-0000-4000-8000-00000000000a';
    const records = [
      order(1, redrive(ids['a']), id),
      order(2, redrive(ids['a']), id),
      order(3, redrive(ids['a'])),
      order(4, discard(ids['b'])),
      order(5, discard(ids['b'])),
    ];
    await one.log(records);
    const after = await outbox(of);
    await world().database.query('update hookline.partition_offsets set next_offset = 1 where kafka_partition = $1', [
      one.fence().partition,
    ]);
    await one.log(records);
    expect(await outbox(of)).toEqual(after);
    const once = ['applied', 'duplicate', 'refused', 'applied', 'refused'].map((end, i) => `${i + 1} ${end} ada`);
    const again = [1, 2, 3, 4, 5].map((offset) => `${offset} duplicate ada`);
    expect(await one.audit('log')).toEqual(['0 processed', ...once, ...again]);
  });

  it('can be decided about by the table, where the partition does not read; relays are told', async () => {
    const of = await deadEffects('a', 'b');
    const { one, ids } = of;
    const { partition } = one.fence();
    const control = (target: ControlTarget) => ({ partition, control: writeControl(command(target)) });
    await writeCommands(world().serving, one.fence(), [control(redrive(ids['a'])), control(discard(ids['b']))]);
    let hints = 0;
    const orders = createTableOrders({
      database: world().serving,
      handlers: [],
      lanes: { keyBytes: 1, totalBytes: 1e9 },
      transaction: {},
      events: notedEvents().events,
      hintRelays: () => void hints++,
      pollMs: 1,
    });
    const decided = async () => (await one.commands()).filter((said) => said.includes('applied')).length === 2;
    const ours = { ...one.owner(), signal: new AbortController().signal, onLanesChanged: () => {} };
    await orders.beside(ours, () => until('both are decided', decided));
    await until('relays are told', () => hints === 1);
    expect(await outbox(of)).toEqual(['a waiting 0 4']);
    expect(await settled(of)).toEqual(['b discarded 4']);
  });
});
