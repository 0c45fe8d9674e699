import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { partitionOf } from '@hookline/contracts';
import { until } from '@hookline/test-support';
import { controlWorld, deliveryColumns, PARTITIONS, type ControlWorld } from './testing/control-world.ts';

let world: ControlWorld;
let key: string;
let partition: number;

beforeAll(async () => {
  world = await controlWorld();
});
beforeEach(() => {
  // Each test has a repository of its own.
  key = `github.com/repository/${randomUUID()}`;
  partition = partitionOf(key, PARTITIONS);
});
afterAll(() => world.drop());

const WHY = ['--why', 'the label is back'];

const ofKey = async () => (await world.logged()).filter((record) => record.key === key);

async function openLane(given: Record<string, unknown> = {}): Promise<void> {
  const lane = { kafka_partition: partition, ordering_key: key };
  await world.put('lanes', { ...lane, due_at: new Date(), attempts: 3, records: 1, next_position: 1, ...given });
  await world.put('lane_deliveries', {
    ...deliveryColumns(),
    ...lane,
    position: 0,
    incarnation: 1,
    kafka_offset: 41,
  });
}

/** What the owner does as soon as the command is there. */
async function settleWhenWritten(outcome: 'applied' | 'refused', detail: string): Promise<void> {
  const [record] = await until('the command', async () => {
    const found = await ofKey();
    return found.length > 0 && found;
  });
  await world.settle([record!.control.commandId], outcome, detail);
}

describe('a decision about a lane', () => {
  it('is a record of the log, under the key, in the partition that the recorded number gives it', async () => {
    const { exitCode, stdout, stderr } = await world.hookline(['lanes', 'hold', key, ...WHY, '--wait', '0', '--json']);
    expect(exitCode).toBe(0);
    const written = JSON.parse(stdout) as { commandId: string };
    expect(written).toEqual({
      commandId: expect.any(String),
      command: 'hold',
      partition,
      via: 'log',
      outcome: 'pending',
      detail: 'Not applied yet.',
    });
    expect(stderr).toContain(`Deliveries of ${key} wait until it is released.`);
    expect(stderr).toContain('Decided by ada: the label is back');
    expect(await ofKey()).toMatchObject([
      {
        partition,
        key,
        control: {
          commandId: written.commandId,
          command: 'hold',
          actor: 'ada',
          why: 'the label is back',
          orderingKey: key,
          state: 'none',
        },
      },
    ]);
  });

  it('names the state that it was decided on, and waits for what becomes of it', async () => {
    await openLane();
    const running = world.hookline(['lanes', 'retry', key, ...WHY, '--as', 'grace', '--json']);
    await settleWhenWritten('applied', 'It is tried.');
    const { exitCode, stdout, stderr } = await running;
    expect({ exitCode, ...(JSON.parse(stdout) as object) }).toMatchObject({
      exitCode: 0,
      outcome: 'applied',
      detail: 'It is tried.',
    });
    expect(stderr).toContain('Applied. It is tried.');
    expect(await ofKey()).toMatchObject([
      { control: { command: 'retry', actor: 'grace', state: 'retrying', incarnation: 1, offset: '41', generation: 3 } },
    ]);
  });

  it('says that it was refused, when the lane was in another state by then', async () => {
    await openLane({ state: 'held' });
    const running = world.hookline(['lanes', 'release', key, ...WHY]);
    await settleWhenWritten('refused', 'It is not held any more.');
    const { exitCode, stderr } = await running;
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Refused, and nothing was changed: It is not held any more.');
  });

  it('ends with 3 when nobody has applied it in time: it is written all the same', async () => {
    const { exitCode, stderr } = await world.hookline(['lanes', 'hold', key, ...WHY, '--wait', '1']);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('Not applied yet');
    expect(await ofKey()).toHaveLength(1);
  });

  it('skips nothing unasked: without a terminal it says what to add', async () => {
    await openLane();
    const { exitCode, stderr } = await world.hookline(['lanes', 'skip', key, ...WHY]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('becomes a dead letter of every handler');
    expect(stderr).toContain('Add --yes');
    expect(await ofKey()).toEqual([]);
    expect((await world.hookline(['lanes', 'skip', key, ...WHY, '--yes', '--wait', '0'])).exitCode).toBe(0);
    expect(await ofKey()).toHaveLength(1);
  });

  it('writes nothing where there is nothing to decide', async () => {
    const { exitCode, stderr } = await world.hookline(['lanes', 'release', key, ...WHY]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`${key} is not held.`);
    expect(await ofKey()).toEqual([]);
  });

  it.each([
    [['lanes', 'hold', 'k'], "required option '--why <text>' not specified"],
    [['lanes', 'hold', 'k', '--why', ' '], 'It must be a reason'],
    [['lanes', 'hold', '', ...WHY], 'It must be an ordering key'],
    [['lanes', 'hold', 'k', ...WHY, '--via', 'mail'], 'Allowed choices are log, table'],
    [['lanes', 'hold', 'k', ...WHY, '--wait', 'long'], 'It must be whole seconds'],
  ])('refuses %j as wrongly typed', async (args, told) => {
    const { exitCode, stderr } = await world.hookline(args);
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining(told) });
  });
});

describe('how a decision reaches the owner', () => {
  const inTable = async () => {
    const { rows } = await world.database.query(
      `select kafka_partition, command, target, actor, why, via, outcome from hookline.control_commands
        where target ->> 'orderingKey' = $1`,
      [key],
    );
    return rows;
  };

  const halt = () =>
    world.put('partition_halts', { kafka_partition: partition, reason: 'LOG_DIFFERS', detail: 'd', owner: 'o' });
  const noHalts = () => world.database.query('truncate hookline.partition_halts, hookline.partition_offsets');

  it('is the table where the partition is halted, since its log is not read', async () => {
    await halt();
    const running = world.hookline(['lanes', 'hold', key, ...WHY]);
    const rows = await until('the row', async () => {
      const found = await inTable();
      return found.length > 0 && found;
    });
    expect(rows).toMatchObject([
      {
        kafka_partition: partition,
        command: 'hold',
        target: { orderingKey: key, state: 'none' },
        actor: 'ada',
        via: 'table',
        outcome: null,
      },
    ]);
    await world.database.query(
      `update hookline.control_commands set outcome = 'applied', settled_at = now() where target ->> 'orderingKey' = $1`,
      [key],
    );
    const { exitCode, stderr } = await running;
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(new RegExp(`to the database for the owner of partition ${partition}, since .* LOG_DIFFERS`));
    expect(await ofKey()).toEqual([]);
    await noHalts();
  });

  it('is the log where a halt is older than the last takeover', async () => {
    await halt();
    await world.put('partition_offsets', {
      kafka_partition: partition,
      next_offset: 0,
      epoch: 2,
      owner: 'o',
      taken_over_at: new Date(Date.now() + 60_000),
    });
    await world.hookline(['lanes', 'hold', key, ...WHY, '--wait', '0']);
    expect(await ofKey()).toHaveLength(1);
    await noHalts();
  });

  it('is what was asked for', async () => {
    await world.hookline(['lanes', 'hold', key, ...WHY, '--wait', '0', '--via', 'table']);
    expect(await inTable()).toHaveLength(1);
    expect(await ofKey()).toEqual([]);
    await halt();
    await world.hookline(['lanes', 'hold', key, ...WHY, '--wait', '0', '--via', 'log']);
    expect(await ofKey()).toHaveLength(1);
    await noHalts();
  });

  it('works without Kafka and the registry, through the table', async () => {
    const away = { HOOKLINE_KAFKA_BROKERS: '127.0.0.1:1', HOOKLINE_REGISTRY_URL: 'http://127.0.0.1:1' };
    const args = ['lanes', 'hold', key, ...WHY, '--wait', '0'];
    expect((await world.hookline([...args, '--via', 'table'], away)).exitCode).toBe(0);
    const { exitCode, stderr } = await world.hookline(args, away);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('REGISTRY_UNAVAILABLE: ');
    const noBroker = { HOOKLINE_KAFKA_BROKERS: '127.0.0.1:1' };
    expect((await world.hookline(args, noBroker)).stderr).toContain('KAFKA_UNAVAILABLE: ');
  }, 30_000);

  it('is unknown where the topic is not recorded', async () => {
    const { exitCode, stderr } = await world.hookline(['lanes', 'hold', key, ...WHY], { HOOKLINE_TOPIC: 'other' });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('DATABASE_MISMATCH: No partition count is recorded for topic other');
  });
});

// While the log moves to more partitions, what waits is in one topic or the other, and a key may be in another partition.
describe('a topic generation that is not the one that is read', () => {
  it.each([
    ['prepared', 'to the generation before', false, false, false],
    ['sealing', 'is sealed', true, false, false],
    ['draining', 'decide when what waits has moved', true, true, false],
    ['moved', 'to the next generation', true, true, true],
  ])('takes no decision while it is %s', async (state, told, sealing, ended, moved) => {
    const set = (to: string, ...[isSealing, hasEnded, hasMoved]: boolean[]) =>
      world.database.query(
        `update hookline.topic_generations
            set state = $1, sealing_at = case when $2 then now() end, moved_at = case when $4 then now() end,
                ends = case when $3 then array_fill(0::bigint, array[partitions]) end
          where topic = $5`,
        [to, isSealing, hasEnded, hasMoved, world.topic],
      );
    await set(state, sealing, ended, moved);
    const { exitCode, stderr } = await world.hookline(['lanes', 'hold', key, ...WHY]);
    await set('active', false, false, false);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^DATABASE_MISMATCH: /);
    expect(stderr).toContain(told);
    expect(await ofKey()).toEqual([]);
  });
});

describe('a decision about a held delivery', () => {
  const hold = async (digest: Buffer, given: Record<string, unknown> = {}) => {
    const guid = randomUUID();
    await world.put('held_deliveries', {
      ...deliveryColumns(),
      kafka_partition: partition,
      ordering_key: key,
      digest,
      guid,
      reason: 'suspected-replay',
      known_guid: randomUUID(),
      known_event: 'issues',
      arrivals: 3,
      generation: 2,
      incarnation: 1,
      kafka_offset: 5,
      seen_incarnation: 1,
      seen_offset: 9,
      ...given,
    });
    return guid;
  };
  const digestOf = (text: string) => Buffer.from(`${text}${randomUUID()}`.padEnd(32).slice(0, 32));

  it.each([
    ['release', 'release-replay', 'It is run: issues'],
    ['discard', 'discard-replay', 'Nothing can undo that: its body goes.'],
  ])('%s names what is held by its payload, and the generation', async (command, name, effect) => {
    const digest = digestOf(command);
    await hold(digest);
    const args = ['replays', command, digest.toString('hex').slice(0, 20), ...WHY, '--wait', '0'];
    const asked = await world.hookline(args);
    expect({ exitCode: asked.exitCode, stderr: asked.stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringContaining(effect),
    });
    expect((await world.hookline([...args, '--yes'])).exitCode).toBe(0);
    expect(await ofKey()).toMatchObject([
      { partition, control: { command: name, digest, dedupScope: 'main', event: 'issues', generation: 2 } },
    ]);
  });

  it.each(['release', 'discard'])('was discarded, so that %s is refused: its body is gone', async (command) => {
    const digest = digestOf('gone');
    await hold(digest, {
      state: 'discarded',
      settled_at: new Date(),
      body: null,
      body_encoding: null,
      body_bytes: null,
    });
    const { exitCode, stderr } = await world.hookline([
      ...['replays', command, digest.toString('hex'), ...WHY, '--yes', '--wait', '0'],
    ]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: expect.stringContaining('was discarded before, and its body is gone: there is nothing to run.'),
    });
    expect(await ofKey()).toEqual([]);
  });

  it('is found by its GUID, and must be the only one', async () => {
    const digest = digestOf('two');
    const guid = await hold(digest);
    await hold(digest, { event: 'push' });
    const both = await world.hookline(['replays', 'release', digest.toString('hex'), ...WHY, '--yes']);
    expect({ exitCode: both.exitCode, stderr: both.stderr }).toEqual({
      exitCode: 1,
      stderr: expect.stringMatching(/2 held deliveries fit .*--event or --scope/),
    });
    expect(await ofKey()).toEqual([]);
    const done = ['--yes', '--wait', '0', ...WHY];
    expect((await world.hookline(['replays', 'release', guid.toUpperCase(), ...done])).exitCode).toBe(0);
    expect(
      (await world.hookline(['replays', 'release', digest.toString('hex'), '--event', 'push', ...done])).exitCode,
    ).toBe(0);
    expect((await ofKey()).map(({ control }) => control.event)).toEqual(['issues', 'push']);
    const none = await world.hookline(['replays', 'release', guid, '--scope', 'other', ...done]);
    expect(none.stderr).toContain('Nothing is held for');
  });
});
