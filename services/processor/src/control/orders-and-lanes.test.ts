import { describe, expect, it } from '@jest/globals';
import { writeControl, type ControlTarget } from '@hookline/contracts';
import { writeCommands } from '@hookline/database';
import { startProgram, until } from '@hookline/test-support';
import { gate } from '../testing/gates.ts';
import { handler, runLanes, untilNoneRetries } from '../testing/lane-world.ts';
import { ownStories } from '../testing/own-stories.ts';
import { notedEvents } from '../testing/noted-events.ts';
import { command, KEY, writes, type Story } from '../testing/story.ts';
import { head, lane, redrive } from '../testing/targets.ts';
import { createTableOrders, type TableOrders } from './table-orders.ts';

const { world, story } = ownStories();

const SLOW = { maxAttempts: 9, maxKills: 2, retry: { baseMs: 1e6, maxMs: 1e6 } };
const due = ({ partition }: { partition: number }) =>
  world().database.query('update hookline.lanes set due_at = now() where kafka_partition = $1', [partition]);

// An operator's command and the lane's own run want the same row; the command has the fence first.
describe('a command about a lane whose head runs at that very moment', () => {
  it.each<[string, ControlTarget, string[], string[]]>([
    ['hold', lane('hold', 'retrying'), [`${KEY} held 2 1 0 0`], []],
    ['skip', head('skip', 0n, 1), [], ['0 dead', '1 processed']],
  ])('%s: the run is rolled back, and nobody is blamed', async (what, target, lanesLeft, claims) => {
    const one = story({ lanePolicy: SLOW });
    one.failing.add('a');
    await one.log([world().read(0), world().read(1)]);
    one.failing.clear();
    const [running, goOn] = [gate(), gate()];
    const slow = handler('a', async ({ offset }, { db }) => {
      await db.query('insert into effects (handler, off) values ($1, $2)', ['slow', offset]);
      if (offset > 0n) return;
      running.open();
      await goOn.opened;
    });
    const owner = await one.own([[world().order(2, command(target))]]);
    await due(one.fence());
    const lanes = runLanes(world().serving, [slow], owner, { policy: SLOW });
    const ended = lanes.runner.run();
    await running.opened;
    expect(await owner.worker.run()).toBe('CLOSED');
    goOn.open();
    await until('the run gave way', () => Promise.resolve(lanes.said.includes('gave-way') || undefined));
    if (what === 'skip') await until('the lane is closed', async () => (await world().lanes(one.fence())).length === 0);
    lanes.runner.stop(false);
    await ended;
    expect(lanes.said[0]).toBe('gave-way');
    expect(await world().lanes(one.fence())).toEqual(lanesLeft);
    expect((await one.effects()).some((said) => said.startsWith('0'))).toBe(false);
    expect((await one.claims()).map((said) => said.replace(' issues', ''))).toEqual(claims);
    const { rowCount } = await world().database.query('select from hookline.record_starts where kafka_partition = $1', [
      one.fence().partition,
    ]);
    expect(rowCount).toBe(0);
  });
});

describe('a command of the table', () => {
  const orders = (): TableOrders =>
    createTableOrders({
      database: world().serving,
      handlers: [],
      lanes: { keyBytes: 1, totalBytes: 1e9 },
      transaction: {},
      events: notedEvents().events,
      hintRelays: () => {},
      pollMs: 1,
    });
  const write = ({ partition }: { partition: number }, ...targets: ControlTarget[]) =>
    writeCommands(
      world().serving,
      { consumerGroup: 'g', topic: 't' },
      targets.map((target) => ({ partition, control: writeControl(command(target)) })),
    );
  const beside = (one: Story, work: () => Promise<unknown>) =>
    orders().beside(
      { ...one.owner(), signal: new AbortController().signal, onLanesChanged: (ms) => void one.owner().woken.push(ms) },
      work,
    );
  const settled = (one: Story, count: number) =>
    until('they are settled', async () => (await one.commands()).filter((said) => said.includes(' ')).length >= count);

  it('is applied while its partition is paused for room, which it can make', async () => {
    const one = story();
    await one.log([world().order(0, command(lane('hold', 'none'))), world().read(1)]);
    await one.own([[world().read(2)]], { lanes: { keyBytes: 1, totalBytes: 1e9 } });
    await beside(one, async () => {
      const running = one.owner().worker.run();
      await until('it is paused', () => Promise.resolve(one.owner().errors.length > 0 || undefined));
      await write(one.fence(), lane('release', 'held'));
      await settled(one, 2);
      await one.lanes();
      expect(await running).toBe('CLOSED');
    });
    expect(one.owner().errors).toEqual(['paused: 2', 'resumed']);
    expect(one.owner().woken).toContain(0);
    expect(await one.effects()).toEqual(['1 a issues, 1 b issues', '2 a issues, 2 b issues']);
  });

  it('is applied or refused beside a halt, once, also where one before it says nothing', async () => {
    const one = story();
    await one.log([world().read(0)]);
    await write(one.fence(), lane('hold', 'retrying'), lane('hold', 'none'));
    await world().database.query(
      `update hookline.control_commands set target = target || '{"state": "?"}'
        where kafka_partition = $1 and target ->> 'state' = 'retrying'`,
      [one.fence().partition],
    );
    await write(one.fence(), lane('release', 'none'));
    await beside(one, () => settled(one, 3));
    expect((await one.commands()).map((said) => said.split(' ').slice(0, 2).join(' ')).toSorted()).toEqual([
      ...['hold applied', 'hold refused', 'release refused'],
    ]);
    expect(await world().lanes(one.fence())).toEqual([`${KEY} held 0 0 0 0`]);
    expect(await one.audit('partition')).toEqual(['1 refused ada', '1 refused ada']);
    expect(await one.audit('operator')).toEqual(['1 held ada']);
  });

  it('whose id is in the log, too, has its effect once', async () => {
    const one = story();
    await one.log([world().read(0)]);
    const order = command(lane('hold', 'none'));
    const { partition } = one.fence();
    await writeCommands(world().database, { consumerGroup: 'g', topic: 't' }, [
      { partition, control: writeControl(order) },
    ]);
    await beside(one, () => settled(one, 1));
    await one.log([world().order(1, order)]);
    expect((await one.audit('log')).at(-1)).toBe('1 duplicate ada');
    expect(await world().lanes(one.fence())).toEqual([`${KEY} held 0 0 0 0`]);
  });
});

describe('a redrive that kills its process', () => {
  // Each process dies in the middle of its last run, and the next one takes the partition over.
  it('is dead again after as many deaths as a record may cost, and the lane goes on', async () => {
    const failing = new Set(['killer']);
    const one = story({ from: 666n, handlers: [writes('killer', failing)] });
    await one.log([world().read(666)]);
    await one.lanes();
    await one.log([world().order(667, command(redrive(1, [], 666n))), world().read(668)]);
    const ends: (string | null)[] = [];
    for (let processes = 0; processes < 5 && ends.at(-1) !== null; processes++) {
      const { ended } = startProgram({
        main: new URL('../testing/lane-process.ts', import.meta.url).href,
        args: [world().url, String(one.fence().partition)],
      });
      const { code, signal, stderr } = await ended;
      if (signal === null && code !== 0) throw new Error(stderr);
      ends.push(signal);
    }
    expect(ends).toEqual(['SIGKILL', 'SIGKILL', null]);
    expect(await one.letters()).toEqual(['666 killer dead 2']);
    expect(await one.claims()).toEqual(['666 issues dead', '668 issues processed']);
    expect(await world().lanes(one.fence())).toEqual([]);
  });

  it('once is run again by the next owner, and redriven', async () => {
    const one = story();
    one.failing.add('a');
    await one.log([world().read(0)]);
    await one.lanes();
    one.failing.clear();
    await one.log([world().order(1, command(redrive()))]);
    const lost = new AbortController();
    const stuck = gate();
    const hangs = handler('a', () => {
      stuck.open();
      return new Promise(() => {});
    });
    const lanes = runLanes(world().serving, [hangs], { ...one.owner(), signal: lost.signal });
    const ended = lanes.runner.run();
    await stuck.opened;
    await one.own([]);
    lost.abort(new Error('rebalanced'));
    await ended;
    await untilNoneRetries(world().database, runLanes(world().serving, one.handlers, one.owner()));
    expect(await one.letters()).toEqual(['0 a redriven 1']);
    expect(await one.effects()).toEqual(['0 b issues', '0 a issues']);
  });
});
