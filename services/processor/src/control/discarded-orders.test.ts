import { describe, expect, it } from '@jest/globals';
import { aDelivery, until } from '@hookline/test-support';
import { ownStories } from '../testing/own-stories.ts';
import { command, KEY, type Story } from '../testing/story.ts';
import { discard, redrive, reopen } from '../testing/targets.ts';

const { world, story } = ownStories();

/** A delivery at offset 0 of which both handlers were dead, and `a` is discarded, at offset 1; nothing fails any more. */
async function discarded(): Promise<{ one: Story; delivery: ReturnType<typeof aDelivery> }> {
  const one = story();
  const delivery = aDelivery();
  for (const name of ['a', 'b']) one.failing.add(name);
  await one.log([world().read(0, delivery)]);
  await one.lanes();
  one.failing.clear();
  await one.log([world().order(1, command(discard(1, ['a'])))]);
  expect(await one.letters()).toEqual(['0 a discarded 1', '0 b dead 1']);
  return { one, delivery };
}

/** The same, with `b` discarded, too, at offset 2: nothing of it is open. */
async function allDiscarded(): ReturnType<typeof discarded> {
  const { one, delivery } = await discarded();
  await one.log([world().order(2, command(discard(1, ['b'])))]);
  return { one, delivery };
}

describe('what was discarded', () => {
  it('is opened again by a redrive of what is discarded, and by nothing else; it runs once, in its lane', async () => {
    const { one, delivery } = await allDiscarded();
    const first = command(reopen(1, ['a']));
    await one.log(
      [
        world().read(3, delivery),
        world().order(4, command(redrive())),
        world().order(5, first),
        world().order(6, first),
      ],
      [world().order(7, command(reopen(1, ['a']))), world().read(8, delivery), world().read(9)],
    );
    expect((await one.audit('log')).slice(3)).toEqual([
      ...['3 duplicate', '4 refused ada', '5 applied ada', '6 duplicate ada', '7 refused ada', '8 reset', '9 parked'],
    ]);
    expect(await one.letters()).toEqual(['0 a waiting 1', '0 b discarded 1']);
    await one.lanes();
    expect(await one.effects()).toEqual(['0 a issues', '9 a issues, 9 b issues']);
    expect(await one.letters()).toEqual(['0 a redriven 1', '0 b discarded 1']);
    expect(await one.claims()).toEqual(['0 issues dead', '9 issues processed']);
    expect((await one.audit('operator')).slice(2)).toEqual(['5 redriven a ada']);
    await one.log([world().read(10, delivery), world().order(11, command(reopen(1, ['a'])))]);
    expect((await one.audit('log')).slice(-2)).toEqual(['10 duplicate', '11 refused ada']);
    expect((await one.commands()).slice(2)).toEqual([
      'redrive refused None of its dead letters is open any more.',
      'redrive applied a will run in the lane of its key, though it was discarded.',
      'redrive refused Handler a is not discarded there.',
      'redrive refused Handler a is not discarded there.',
    ]);
  });

  it('is dead anew where it fails again, and a redelivery has it run', async () => {
    const { one, delivery } = await allDiscarded();
    one.failing.add('a');
    await one.log([world().read(3, delivery), world().order(4, command(reopen(1, ['a'])))]);
    await one.lanes();
    expect(await one.letters()).toEqual(['0 a dead 2', '0 b discarded 1']);
    one.failing.clear();
    await one.log([world().order(5, command(reopen(2, ['a']))), world().read(6, delivery)]);
    expect((await one.audit('log')).slice(-2)).toEqual(['5 refused ada', '6 reset']);
    await one.lanes();
    expect(await one.effects()).toEqual(['0 a issues']);
    expect(await one.letters()).toEqual(['0 a redriven 2', '0 b discarded 1']);
  });

  it('is told apart from what is dead of the same delivery, by the state of each decision', async () => {
    const { one } = await discarded();
    await one.log([
      world().order(2, command(reopen(1, ['b']))),
      world().order(3, command(redrive(1, ['a']))),
      world().order(4, command(reopen(2))),
      world().order(5, command(reopen())),
      world().order(6, command(redrive())),
    ]);
    expect((await one.audit('log')).slice(2)).toEqual([
      ...['2 refused ada', '3 refused ada', '4 refused ada', '5 applied ada', '6 applied ada'],
    ]);
    await one.lanes();
    expect(await one.effects()).toEqual(['0 a issues', '0 b issues']);
    expect(await one.letters()).toEqual(['0 a redriven 1', '0 b redriven 1']);
  });

  it('of one delivery and what is dead of others are redriven together, in order', async () => {
    const one = story();
    one.failing.add('a');
    await one.log([world().read(0), world().read(1), world().read(2)]);
    await one.lanes();
    one.failing.clear();
    await one.log([world().order(3, command(discard(1, [], 1n)))]);
    await one.log([
      world().order(4, command(redrive(1, [], 0n))),
      world().order(5, command(reopen(1, [], 1n))),
      world().order(6, command(reopen(1, [], 2n))),
      world().order(7, command(redrive(1, [], 2n))),
    ]);
    expect((await one.audit('log')).slice(4)).toEqual([
      ...['4 applied ada', '5 applied ada', '6 refused ada', '7 applied ada'],
    ]);
    await one.lanes();
    expect((await one.effects()).at(-1)).toBe('0 a issues, 1 a issues, 2 a issues');
  });

  // Whoever comes when its claim is gone runs every handler: a redrive would run one a second time.
  it('is left alone when nothing claims it any more', async () => {
    const { one, delivery } = await allDiscarded();
    await world().database.query('delete from hookline.processed_deliveries where guid = $1', [delivery.guid]);
    await one.log([world().order(3, command(reopen()))]);
    await one.log([world().read(4, delivery)], [world().order(5, command(reopen()))]);
    expect((await one.audit('log')).slice(-3)).toEqual(['3 refused ada', '4 processed', '5 refused ada']);
    expect((await one.commands()).at(-1)).toBe(
      'redrive refused Nothing claims it as dead any more: it may have run anew since.',
    );
    expect(await one.effects()).toEqual(['4 a issues, 4 b issues']);
  });

  it('cannot run where its body was erased, or where it is no delivery', async () => {
    const { one } = await allDiscarded();
    const set = 'body = null, body_encoding = null, body_bytes = null';
    await world().database.query(`update hookline.dead_deliveries set ${set} where kafka_partition = $1`, [
      one.fence().partition,
    ]);
    await one.log([world().read(3, aDelivery(), { key: null, value: Buffer.from('x') })]);
    const target = { orderingKey: null, incarnation: 1, offset: 3n, generation: 1, handlers: [] };
    await one.log([
      world().order(4, command(reopen())),
      world().order(5, command({ ...target, command: 'discard' })),
      world().order(6, command({ ...target, command: 'redrive', state: 'discarded' })),
    ]);
    expect((await one.commands()).slice(2)).toEqual([
      'redrive refused Its body was erased: there is nothing to run.',
      'discard applied 1 dead letters are discarded.',
      'redrive refused No handler could be asked to run it.',
    ]);
  });

  it('waits for room in the lanes, and stays as it is until there is some', async () => {
    const { one } = await allDiscarded();
    const owner = await one.own(
      [[world().order(3, command(reopen(1, ['a']))), world().order(4, command(reopen(1, ['b'])))]],
      { lanes: { keyBytes: 1, totalBytes: 1e9 } },
    );
    const running = owner.worker.run();
    await until('the first waits', async () => (await world().lanes(one.fence())).includes(`${KEY} retrying 1 0 0 0`));
    expect(await one.letters()).toEqual(['0 a waiting 1', '0 b discarded 1']);
    await one.lanes();
    expect(await running).toBe('CLOSED');
    await one.lanes();
    expect(await one.effects()).toEqual(['0 a issues', '0 b issues']);
  });

  // I7: a redelivery was a duplicate when it was read, and the delivery waits by now.
  it.each([
    ['waits', false, '3 reset'],
    ['has run', true, '3 duplicate'],
  ])('and %s is as it was when the log is read again', async (_, hasRun, again) => {
    const { one, delivery } = await allDiscarded();
    const records = [world().read(3, delivery), world().order(4, command(reopen()))];
    await one.log(records);
    if (hasRun) await one.lanes();
    const before = await one.hash();
    await world().database.query('update hookline.partition_offsets set next_offset = 3 where kafka_partition = $1', [
      one.fence().partition,
    ]);
    await one.log(records);
    expect(await one.hash()).toBe(before);
    expect((await one.audit('log')).slice(-2)).toEqual([again, '4 duplicate ada']);
    await one.lanes();
    expect(await one.effects()).toEqual(['0 a issues', '0 b issues']);
    expect(await world().lanes(one.fence())).toEqual([]);
  });
});
