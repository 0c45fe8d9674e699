import { describe, expect, it } from '@jest/globals';
import { aDelivery, until } from '@hookline/test-support';
import { runLanes } from '../testing/lane-world.ts';
import { ownStories } from '../testing/own-stories.ts';
import { command, KEY, writes, type Story } from '../testing/story.ts';
import { discard, lane, redrive } from '../testing/targets.ts';

const { world, story } = ownStories();

/** A delivery at offset 0 whose handler `a` is dead, and `b` has run. */
async function dead(): Promise<{ one: Story; delivery: ReturnType<typeof aDelivery> }> {
  const one = story();
  const delivery = aDelivery();
  one.failing.add('a');
  await one.log([world().read(0, delivery)]);
  await one.lanes();
  one.failing.clear();
  return { one, delivery };
}

describe('a dead delivery', () => {
  it('is run again by a redelivery: its dead handlers only, in its lane, before what comes behind it', async () => {
    const { one, delivery } = await dead();
    expect(await one.letters()).toEqual(['0 a dead 1']);
    await one.log([world().read(1, delivery), world().read(2)], [world().read(3, delivery)]);
    expect(await one.audit('log')).toEqual(['0 parked', '1 reset', '2 parked', '3 reset']);
    expect(await one.letters()).toEqual(['0 a waiting 1']);
    await one.lanes();
    expect(await one.effects()).toEqual(['0 b issues', '0 a issues', '2 a issues, 2 b issues']);
    expect(await one.letters()).toEqual(['0 a redriven 1']);
    await one.log([world().read(4, delivery)]);
    expect((await one.audit('log')).at(-1)).toBe('4 duplicate');
    expect(await one.claims()).toEqual(['0 issues dead', '2 issues processed']);
  });

  it('is dead again at once where it fails again, and its handler’s breaker is not told', async () => {
    const { one, delivery } = await dead();
    one.failing.add('a');
    await one.log([world().read(1, delivery)]);
    const failed: string[] = [];
    const lanes = await one.lanes({
      breaker: { failed: (name: string) => failed.push(name), succeeded() {}, isOpen: () => false } as never,
    });
    expect(lanes.said).toEqual(['dead-lettered']);
    expect(failed).toEqual([]);
    expect(await one.letters()).toEqual(['0 a dead 2']);
    expect(await one.audit('lane')).toEqual(['0 dead-lettered a', '0 dead-lettered a']);
  });

  it.each([
    ['a redrive, then a redelivery', true],
    ['a redelivery, then a redrive', false],
  ])('runs once: %s', async (_, redriveFirst) => {
    const { one, delivery } = await dead();
    const [first, second] = redriveFirst ? [1, 2] : [2, 1];
    const records = [world().order(first, command(redrive())), world().read(second, delivery)];
    await one.log(records.toSorted((a, b) => Number(a.offset - b.offset)));
    await one.lanes();
    expect(await one.effects()).toEqual(['0 b issues', '0 a issues']);
    expect((await one.audit('log')).slice(1)).toEqual(
      redriveFirst ? ['1 applied ada', '2 reset'] : ['1 reset', '2 refused ada'],
    );
    expect(await one.letters()).toEqual(['0 a redriven 1']);
  });

  it('is left as it is by a decision about another state: one run before, another place, or another key', async () => {
    const { one } = await dead();
    one.failing.add('a');
    await one.log([world().order(1, command(redrive(1)))]);
    await one.lanes();
    expect(await one.letters()).toEqual(['0 a dead 2']);
    const late = [redrive(1), discard(1), redrive(3), redrive(2, [], 5n), redrive(2, ['b'])];
    const others = [redrive(2), discard(2)].map((target) => ({ ...target, orderingKey: 'github.com/repository/2' }));
    const orders = [...late, ...others].map((target, i) => world().order(2 + i, command(target)));
    await one.log(orders);
    expect((await one.audit('log')).slice(2)).toEqual(orders.map(({ offset }) => `${offset} refused ada`));
    expect(await one.letters()).toEqual(['0 a dead 2']);
    expect(await world().lanes(one.fence())).toEqual([]);
  });

  it('is not redriven without its body, and can be discarded', async () => {
    const { one } = await dead();
    await world().database.query(
      `update hookline.dead_deliveries set body = null, body_encoding = null, body_bytes = null
        where kafka_partition = $1`,
      [one.fence().partition],
    );
    await one.log([world().order(1, command(redrive())), world().order(2, command(discard()))]);
    expect((await one.audit('log')).slice(1)).toEqual(['1 refused ada', '2 applied ada']);
    expect(await one.letters()).toEqual(['0 a discarded 1']);
    expect(await world().lanes(one.fence())).toEqual([]);
  });

  it('is redriven before what comes behind it, or behind what waits', async () => {
    const { one } = await dead();
    await one.log(
      [world().order(1, command(lane('hold', 'none'))), world().read(2)],
      [world().order(3, command(redrive()))],
    );
    await one.log([world().read(4), world().read(5), world().order(6, command(lane('release', 'held')))]);
    await one.lanes();
    // What was never tried runs together, up to what has a last run of its own.
    expect((await one.effects()).slice(1)).toEqual([
      '2 a issues, 2 b issues',
      '0 a issues',
      '4 a issues, 4 b issues, 5 a issues, 5 b issues',
    ]);
  });

  it('whose handler has the policy hold does not hold the lane when it fails again', async () => {
    const failing = new Set(['a']);
    const one = story({ handlers: [writes('a', failing, { onExhausted: 'hold' })] });
    await one.log([world().read(0)]);
    await one.lanes();
    expect(await world().lanes(one.fence())).toEqual([`${KEY} held 0 0 0 0`]);
    await one.log([world().order(1, command(lane('release', 'held'))), world().order(2, command(redrive()))]);
    const lanes = await one.lanes();
    expect(lanes.said.slice(0, 1)).toEqual(['dead-lettered']);
    expect(await one.letters()).toEqual(['0 a dead 2']);
    expect(await world().lanes(one.fence())).toEqual([]);
  });

  it('of which a handler is not there any more is dead as before, a generation on', async () => {
    const { one } = await dead();
    await one.log([world().order(1, command(redrive()))]);
    await one.lanes({ handlers: [writes('b', new Set())] });
    expect(await one.letters()).toEqual(['0 a dead 2']);
    expect(await world().lanes(one.fence())).toEqual([]);
  });

  it.each([
    ['a redrive', () => world().order(1, command(redrive()))],
    ['a redelivery', (delivery: ReturnType<typeof aDelivery>) => world().read(1, delivery)],
  ])('waits for room in the lanes, and goes on: %s', async (_, again) => {
    const { one, delivery } = await dead();
    const full = story();
    full.failing.add('a');
    await full.own([[world().read(0)]], {
      lanePolicy: { maxAttempts: 9, maxKills: 2, retry: { baseMs: 1e6, maxMs: 1e6 } },
    });
    await full.owner().worker.run();
    const paused = await one.own([[again(delivery), world().read(2)]], { lanes: { keyBytes: 1e6, totalBytes: 1 } });
    const reading = paused.worker.run();
    await until('it is paused', () => Promise.resolve(paused.errors.length > 0 || undefined));
    expect(paused.errors).toEqual(['paused: 1']);
    full.failing.clear();
    await world().database.query('update hookline.lanes set due_at = now() where kafka_partition = $1', [
      full.fence().partition,
    ]);
    await full.lanes();
    // What comes behind it needs room, too: the lanes run beside.
    const lanes = runLanes(world().serving, one.handlers, paused);
    const running = lanes.runner.run();
    let ended: unknown = null;
    void reading.then((end) => (ended = end));
    await until('the log is read', () => {
      lanes.runner.wake();
      return Promise.resolve(ended ?? undefined);
    });
    lanes.runner.stop(false);
    await running;
    expect(ended).toBe('CLOSED');
    await one.lanes();
    expect(await one.effects()).toEqual(['0 b issues', '0 a issues', '2 a issues, 2 b issues']);
  });
});
