import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { partitionOf } from '@hookline/contracts';
import { until } from '@hookline/test-support';
import { startHookline } from './testing/start-hookline.ts';
import { controlWorld, PARTITIONS, type ControlWorld } from './testing/control-world.ts';

let world: ControlWorld;

beforeEach(async () => {
  world = await controlWorld();
});
afterEach(() => world.drop());

const key = (number: number) => `github.com/repository/${number}`;
const WHY = ['--why', 'the label is back'];
const GO = [...WHY, '--yes', '--rate', '0', '--wait', '0'];

interface Result {
  bulkId: string;
  written: number;
  before: number;
  applied: number;
  refused: number;
  pending: number;
  refusals: { detail: string; commands: number }[];
}
const resultOf = (stdout: string) => JSON.parse(stdout) as Result;

const idOf = async (offset: number, handler: string) => {
  const { rows } = await world.database.query<{ id: string }>(
    'select dead_letter_id as id from hookline.dead_letters where kafka_offset = $1 and handler = $2',
    [offset, handler],
  );
  return rows[0]!.id;
};

describe('a decision about many dead letters', () => {
  it('shows a plan and asks; nothing is written without an answer', async () => {
    await world.die(1, { handlers: ['welcome', 'sync'] });
    await world.die(2, { key: key(2) });
    const { exitCode, stderr } = await world.hookline(['dead-letters', 'redrive', '--fingerprint', 'f1', ...WHY]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Run again: 3 dead letters of 2 deliveries, of 2 keys in');
    expect(stderr).toMatch(/^ +2 +2 +welcome +f1 +no f1$/m);
    expect(stderr).toMatch(/^ +1 +1 +sync +f1 +no f1$/m);
    expect(stderr).toMatch(/^ +2 +github\.com\/repository\/1$/m);
    expect(stderr).toContain('Add --yes');
    expect(await world.logged()).toEqual([]);
  });

  it('is a record for each delivery, with the handlers that are meant and the state that was seen', async () => {
    await world.die(1, { handlers: ['welcome', 'sync'] });
    await world.database.query(`update hookline.dead_letters set generation = 4 where handler = 'sync'`);
    const { exitCode, stdout } = await world.hookline([
      ...['dead-letters', 'redrive', '--handler', 'welcome', '--json', ...GO],
    ]);
    expect(exitCode).toBe(0);
    expect(resultOf(stdout)).toMatchObject({ written: 1, before: 0, pending: 1 });
    expect(await world.logged()).toMatchObject([
      {
        key: key(1),
        partition: partitionOf(key(1), PARTITIONS),
        control: {
          command: 'redrive',
          actor: 'ada',
          incarnation: 1,
          offset: '1',
          generation: 4,
          handlers: ['welcome'],
        },
      },
    ]);
  });

  it('takes numbers, and joins those of one delivery', async () => {
    await world.die(1, { handlers: ['a', 'b', 'c'] });
    await world.die(2);
    const ids = [await idOf(1, 'a'), await idOf(1, 'c')];
    await world.hookline(['dead-letters', 'discard', ...ids, ...GO]);
    expect((await world.logged()).map(({ control }) => [control.command, control.offset, control.handlers])).toEqual([
      ['discard', '1', ['a', 'c']],
    ]);
  });

  // It has no key: whatever is decided about it goes to where it is.
  it('reaches a record that is no delivery, in its own partition', async () => {
    await world.die(6, { key: null, partition: 2, fingerprint: 'raw' });
    await world.hookline(['dead-letters', 'discard', '--fingerprint', 'raw', ...GO]);
    expect(await world.logged()).toMatchObject([
      { key: null, partition: 2, control: { command: 'discard', orderingKey: null, offset: '6', handlers: [] } },
    ]);
  });

  it('is in the order of the log for each key, and lets the partitions take turns', async () => {
    // More than a page for each partition, inserted in another order than that of the log.
    const many = Array.from({ length: 900 }, (_, i) => ({ offset: (i * 7) % 900, repository: i % 9 }));
    for (const { offset, repository } of many) await world.die(offset, { key: key(repository) });
    const { exitCode } = await world.hookline(['dead-letters', 'redrive', '--fingerprint', 'f1', ...GO]);
    expect(exitCode).toBe(0);
    const logged = await world.logged();
    expect(logged).toHaveLength(900);
    for (const records of Map.groupBy(logged, ({ key: of }) => of).values()) {
      const offsets = records.map(({ control }) => Number(control.offset));
      expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
    }
  }, 60_000);

  // What moved here with its key from another topic generation is older than all that is of this one.
  it('begins with what is of a former log of the partition', async () => {
    await world.die(1);
    await world.die(9, { incarnation: -1, appendedAt: new Date(0) });
    await world.die(2, { incarnation: -2, appendedAt: new Date(1) });
    await world.hookline(['dead-letters', 'redrive', '--key', key(1), ...GO]);
    expect((await world.logged()).map(({ control }) => [control.incarnation, control.offset])).toEqual([
      [-1, '9'],
      [-2, '2'],
      [1, '1'],
    ]);
  });

  it('goes to the table for a partition that is halted, to the log for the others', async () => {
    const halted = partitionOf(key(1), PARTITIONS);
    const other = [2, 3, 4, 5].map(key).find((one) => partitionOf(one, PARTITIONS) !== halted)!;
    await world.die(1, { key: key(1) });
    await world.die(2, { key: other });
    await world.put('partition_halts', { kafka_partition: halted, reason: 'LOG_DIFFERS', detail: 'd', owner: 'o' });
    await world.hookline(['dead-letters', 'redrive', '--fingerprint', 'f1', ...GO]);
    expect((await world.logged()).map((record) => record.key)).toEqual([other]);
    const { rows } = await world.database.query('select kafka_partition, target from hookline.control_commands');
    expect(rows).toMatchObject([{ kafka_partition: halted, target: { offset: '1', handlers: ['welcome'] } }]);
  });

  it('waits for all of them, and says what was refused and why', async () => {
    for (const offset of [1, 2, 3]) await world.die(offset);
    const running = world.hookline([...['dead-letters', 'redrive', '--key', key(1), ...WHY, '--yes', '--json']]);
    const ids = await until('the commands', async () => {
      const found = (await world.logged()).map(({ control }) => control.commandId);
      return found.length === 3 && found;
    });
    await world.settle(ids.slice(0, 1), 'applied');
    await world.settle(ids.slice(1), 'refused', 'It was redriven by then.');
    const { exitCode, stdout, stderr } = await running;
    expect(exitCode).toBe(1);
    expect(resultOf(stdout)).toMatchObject({
      applied: 1,
      refused: 2,
      pending: 0,
      refusals: [{ detail: 'It was redriven by then.', commands: 2 }],
    });
    expect(stderr).toContain('refused 2: It was redriven by then.');
  });

  it('ends with 3 when some are not applied in time', async () => {
    for (const offset of [1, 2]) await world.die(offset);
    const args = ['dead-letters', 'redrive', '--key', key(1), ...WHY, '--yes'];
    const { exitCode, stderr } = await world.hookline([...args, '--wait', '1']);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('Applied: 0, refused: 0, not applied yet: 2.');
  });

  it('leaves alone what has died since it was planned', async () => {
    await world.die(1);
    await world.database.query(`update hookline.dead_letters set dead_at = now() + interval '1 minute'`);
    await world.die(2);
    const { stdout } = await world.hookline(['dead-letters', 'redrive', '--key', key(1), '--json', ...GO]);
    expect(resultOf(stdout)).toMatchObject({ written: 1 });
    expect((await world.logged()).map(({ control }) => control.offset)).toEqual(['2']);
  });

  it('is about what was discarded where it is named by number, says so, and asks', async () => {
    await world.die(1, { handlers: ['a', 'b'] });
    const ids = [await idOf(1, 'a'), await idOf(1, 'b')];
    await world.discard(1, 'a');
    const asked = await world.hookline(['dead-letters', 'redrive', ids[0]!, ...WHY]);
    expect({ exitCode: asked.exitCode, stderr: asked.stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringMatching(/Run again what was discarded: 1 dead letter of[^]*Add --yes/),
    });
    expect(await world.logged()).toEqual([]);
    const both = await world.hookline(['dead-letters', 'redrive', ...ids, ...GO]);
    expect({ exitCode: both.exitCode, stderr: both.stderr }).toEqual({
      exitCode: 1,
      stderr: expect.stringContaining('Of these, 1 are dead and 1 were discarded.'),
    });
    const { stdout, stderr } = await world.hookline(['dead-letters', 'redrive', ids[0]!, '--json', ...GO]);
    expect(resultOf(stdout)).toMatchObject({ written: 1, state: 'discarded' });
    expect(stderr).toMatch(/run the same again with: --state discarded --bulk /);
    await world.hookline(['dead-letters', 'redrive', ...ids, '--state', 'dead', ...GO]);
    expect((await world.logged()).map(({ control }) => [control.command, control.state, control.handlers])).toEqual([
      ['redrive', 'discarded', ['a']],
      ['redrive', '', ['b']],
    ]);
  });

  it('of many is about what was discarded only where that is said', async () => {
    for (const offset of [1, 2, 3]) await world.die(offset, { fingerprint: 'f2' });
    await world.discard(2, 'welcome');
    await world.discard(3, 'welcome');
    const args = ['dead-letters', 'redrive', '--fingerprint', 'f2', ...GO];
    await world.hookline(args);
    expect((await world.logged()).map(({ control }) => [control.offset, control.state])).toEqual([['1', '']]);
    await world.hookline([...args, '--state', 'discarded']);
    expect((await world.logged()).map(({ control }) => [control.offset, control.state])).toEqual([
      ['1', ''],
      ['2', 'discarded'],
      ['3', 'discarded'],
    ]);
    const none = await world.hookline([...args, '--key', key(9), '--state', 'discarded']);
    expect(none.stderr).toContain('No dead letter fits that is discarded now');
    const discard = await world.hookline(['dead-letters', 'discard', await idOf(2, 'welcome'), ...GO]);
    expect(discard.stderr).toContain('No dead letter fits that is dead now');
  });

  it.each([
    [[], 'Say which: by number, --fingerprint, --key or --handler.'],
    [['one'], 'It must be the number of a dead letter'],
    [['--key', 'k', '--rate', 'fast'], 'It must be a number from 0 to 10000'],
    [['--key', 'k', '--rate', '10001'], 'It must be a number from 0 to 10000'],
    [['--key', 'k', '--state', 'waiting'], 'Allowed choices are dead, discarded'],
    [['--key', 'k', '--bulk', 'a b'], 'It must be the id that was printed'],
  ])('refuses %j as wrongly typed', async (args, told) => {
    const { exitCode, stderr } = await world.hookline(['dead-letters', 'redrive', ...args, ...WHY]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining(told) });
  });

  it('says that nothing fits', async () => {
    const { exitCode, stderr } = await world.hookline(['dead-letters', 'redrive', '--key', 'k', ...GO]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('No dead letter fits');
  });
});

// A laptop is closed, a connection is lost: nobody knows how far it came, and nobody needs to.
describe('a bulk that was stopped', () => {
  it('goes on with the same commands, leaves alone what was decided, and is done when nothing is left', async () => {
    const all = Array.from({ length: 40 }, (_, i) => i);
    for (const offset of all) await world.die(offset, { key: key(offset % 3) });
    const args = ['dead-letters', 'redrive', '--fingerprint', 'f1', ...WHY, '--yes', '--bulk', 'of-monday'];

    const killed = startHookline([...args, '--rate', '8'], world.settings);
    const some = await until('the first commands', async () => {
      const found = await world.logged();
      return found.length >= 6 && found;
    });
    killed.kill('SIGKILL');
    await killed.ended;
    const before = await world.logged();
    expect(before.length).toBeLessThan(40);

    // Two were run, one of which has failed again; the others were not read yet.
    const [first, second] = some.map(({ control }) => control.commandId);
    await world.settle([first!, second!], 'applied');
    const at = (index: number) => [Number(some[index]!.control.offset), some[index]!.partition];
    const one = 'kafka_offset = $1 and kafka_partition = $2';
    await world.database.query(`update hookline.dead_letters set state = 'redriven' where ${one}`, at(0));
    await world.database.query(`update hookline.dead_letters set generation = 2 where ${one}`, at(1));

    const { exitCode, stdout } = await world.hookline([...args, '--rate', '0', '--wait', '0', '--json']);
    expect(exitCode).toBe(0);
    expect(resultOf(stdout)).toMatchObject({ bulkId: 'of-monday', written: 38, before: 1 });
    const logged = await world.logged();
    // Each delivery has one command, however often that is in the log.
    const byOffset = Map.groupBy(logged, ({ control }) => control.offset);
    expect(byOffset.size).toBe(40);
    for (const records of byOffset.values()) {
      expect(new Set(records.map(({ control }) => control.commandId)).size).toBe(1);
    }
    const twice = [...byOffset.values()].filter((records) => records.length === 2);
    expect(twice).toHaveLength(before.length - 2);

    await world.settle(
      logged.map(({ control }) => control.commandId),
      'applied',
    );
    await world.database.query(`update hookline.dead_letters set state = 'redriven'`);
    const third = await world.hookline([...args, '--json']);
    expect(third.exitCode).toBe(0);
    expect(resultOf(third.stdout)).toMatchObject({ written: 0, pending: 0 });
  }, 60_000);

  it('does not write again what waits in the table', async () => {
    await world.die(1);
    const args = ['dead-letters', 'redrive', '--key', key(1), '--bulk', 'b', '--via', 'table', '--json', ...GO];
    expect(resultOf((await world.hookline(args)).stdout)).toMatchObject({ written: 1, pending: 1 });
    expect(resultOf((await world.hookline(args)).stdout)).toMatchObject({ written: 0, before: 0, pending: 1 });
  });
});
