import { describe, expect, it } from '@jest/globals';
import { until } from '@hookline/test-support';
import { handler } from '../testing/lane-world.ts';
import { ownStories } from '../testing/own-stories.ts';
import { command, KEY, writes, type Story } from '../testing/story.ts';
import { redrive } from '../testing/targets.ts';

const { world, story } = ownStories();

/** Deliveries at offsets 0 to 4, of which handler `a` is dead, and `b` has run; `a` fails for offsets in `poisoned` only. */
async function fiveDead(changes = {}): Promise<{ one: Story; poisoned: Set<bigint> }> {
  const poisoned = new Set([0n, 1n, 2n, 3n, 4n]);
  const a = handler('a', async ({ offset, event }, { db }) => {
    await db.query('insert into effects (handler, off, event) values ($1, $2, $3)', ['a', offset, event]);
    if (poisoned.has(offset)) throw new Error(`a failed for ${offset}`);
  });
  const one = story({ handlers: [a, writes('b', new Set())], ...changes });
  await one.log([0, 1, 2, 3, 4].map((offset) => world().read(offset)));
  await one.lanes();
  expect(await one.letters()).toEqual([0, 1, 2, 3, 4].map((offset) => `${offset} a dead 1`));
  poisoned.clear();
  return { one, poisoned };
}

const redrives = (...offsets: bigint[]) =>
  offsets.map((offset, i) => world().order(5 + i, command(redrive(1, [], offset))));
const ofA = (effects: string[]) => effects.filter((said) => said.includes(' a '));

// One by one, each in transactions of its own, 100,000 of them take hours.
describe('dead deliveries of one key that are redriven together', () => {
  it('run together, in order, only by the handler that is dead', async () => {
    const { one } = await fiveDead();
    await one.log(redrives(0n, 1n, 2n, 3n, 4n));
    expect((await one.audit('operator')).length).toBe(5);
    expect((await one.audit('log')).slice(5)).toEqual([5, 6, 7, 8, 9].map((offset) => `${offset} applied ada`));
    const told: string[] = [];
    const lanes = await one.lanes({
      breaker: { failed: () => told.push('failed'), succeeded: () => told.push('ran'), isOpen: () => false } as never,
    });
    expect(lanes.said).toEqual(['processed']);
    expect(ofA(await one.effects())).toEqual(['0 a issues, 1 a issues, 2 a issues, 3 a issues, 4 a issues']);
    expect(await one.letters()).toEqual([0, 1, 2, 3, 4].map((offset) => `${offset} a redriven 1`));
    expect((await one.audit('lane')).slice(-5)).toEqual([0, 1, 2, 3, 4].map((offset) => `${offset} processed`));
    expect(await one.claims()).toEqual([0, 1, 2, 3, 4].map((offset) => `${offset} issues dead`));
    expect(await world().lanes(one.fence())).toEqual([]);
    expect(told).toEqual([]);
  });

  it('of which one fails again: that one is dead again, alone, and the others run', async () => {
    const { one, poisoned } = await fiveDead();
    poisoned.add(2n);
    await one.log(redrives(0n, 1n, 2n, 3n, 4n));
    const lanes = await one.lanes();
    expect(lanes.said).toEqual(['isolated', 'processed', 'dead-lettered', 'processed']);
    expect(ofA(await one.effects())).toEqual(['0 a issues, 1 a issues', '3 a issues, 4 a issues']);
    expect(await one.letters()).toEqual([
      ...['0 a redriven 1', '1 a redriven 1', '2 a dead 2', '3 a redriven 1', '4 a redriven 1'],
    ]);
  });

  it('of which no handler is there any more are dead again', async () => {
    const { one } = await fiveDead();
    await one.log(redrives(0n, 1n));
    await one.lanes({ handlers: [writes('b', new Set())] });
    expect((await one.letters()).slice(0, 3)).toEqual(['0 a dead 2', '1 a dead 2', '2 a dead 1']);
    expect(await world().lanes(one.fence())).toEqual([]);
  });

  it('are each decided by themselves: refused, a duplicate, unread, applied', async () => {
    const { one } = await fiveDead();
    const first = command(redrive(1, [], 0n));
    await one.log([world().order(5, first)]);
    await one.log([
      world().order(6, command(redrive(2, [], 1n))),
      world().order(7, first),
      world().order(8, command(redrive(1, [], 7n))),
      world().order(9, command(redrive(1, [], 2n))),
      world().order(10, command(redrive(1, [], 2n))),
    ]);
    expect((await one.audit('log')).slice(5)).toEqual([
      ...['5 applied ada', '6 refused ada', '7 duplicate ada', '8 refused ada', '9 applied ada', '10 refused ada'],
    ]);
    await one.lanes();
    expect(ofA(await one.effects())).toEqual(['0 a issues, 2 a issues']);
    expect((await one.commands()).map((said) => said.split(' ')[1])).toEqual([
      ...['applied', 'refused', 'refused', 'applied', 'refused'],
    ]);
  });

  // What has room is applied; the partition waits with the next one, and goes on behind it.
  it('of which only the first have room: the others wait for it, in order', async () => {
    const { one } = await fiveDead();
    const { rows } = await world().database.query<{ bytes: number }>(
      'select max(octet_length(body)) as bytes from hookline.dead_deliveries where kafka_partition = $1',
      [one.fence().partition],
    );
    const limits = { keyBytes: Number(rows[0]?.bytes) * 2, totalBytes: 1e9 };
    const owner = await one.own([redrives(0n, 1n, 2n, 3n, 4n)], { lanes: limits });
    const running = owner.worker.run();
    await until('the first two wait', async () =>
      (await world().lanes(one.fence())).includes(`${KEY} retrying 2 0 0 0`),
    );
    expect((await one.letters()).map((said) => said.split(' ')[2])).toEqual([
      ...['waiting', 'waiting', 'dead', 'dead', 'dead'],
    ]);
    let end: string | undefined;
    void running.then((said) => (end = said));
    await until('all have had room', async () => {
      await one.lanes();
      return end;
    });
    expect(end).toBe('CLOSED');
    await one.lanes();
    expect(ofA(await one.effects()).join(', ')).toBe([0, 1, 2, 3, 4].map((offset) => `${offset} a issues`).join(', '));
  });
});
