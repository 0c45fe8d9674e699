import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { writeControl, type ControlOrder, type ControlTarget } from '@hookline/contracts';
import { writeCommands } from '../operators/write-commands.ts';
import { sha256 } from '../testing/deliveries.ts';
import { ownDatabase } from '../testing/own-database.ts';
import { fenceOf, PLACE } from '../testing/partitions.ts';
import { findSettledCommands } from './find-commands.ts';
import { readOpenCommands } from './read-open-commands.ts';
import { refuseCommand } from './refuse-command.ts';
import { settleCommands } from './settle-commands.ts';

const database = ownDatabase();

beforeEach(async () => {
  await database.query('truncate hookline.control_commands');
});

const fence = fenceOf(3n, { incarnation: 2 });
const HEAD = { orderingKey: 'a', state: 'held', incarnation: 2, offset: 2n ** 62n, generation: 3 } as const;
const TARGETS: ControlTarget[] = [
  { command: 'hold', orderingKey: 'a', state: 'none' },
  { command: 'release', orderingKey: 'a', state: 'held' },
  { command: 'retry', ...HEAD },
  { command: 'skip', ...HEAD },
  { command: 'redrive', orderingKey: 'a', incarnation: -4, offset: 0n, generation: 1, handlers: ['two words', 'ünï'] },
  { command: 'redrive', orderingKey: 'a', incarnation: 1, offset: 7n, generation: 1, handlers: [], state: 'discarded' },
  { command: 'discard', orderingKey: null, incarnation: 1, offset: 9n, generation: 1, handlers: [] },
  ...(['release-replay', 'discard-replay'] as const).map((command) => ({
    command,
    orderingKey: 'a',
    digest: sha256('one'),
    dedupScope: 'main',
    event: 'issues',
    generation: 2,
  })),
];

const order = (target: ControlTarget = TARGETS[0]!): ControlOrder => ({
  commandId: randomUUID(),
  actor: 'ada',
  why: 'it was fixed',
  issuedAt: 0,
  target,
});

/** Writes commands to the table, as the operator's tool does. */
const ask = (orders: ControlOrder[], partition = fence.partition, place = PLACE) =>
  writeCommands(
    database,
    place,
    orders.map((one) => ({ partition, control: writeControl(one) })),
  );

const commands = async () =>
  (await database.query('select * from hookline.control_commands order by requested_at, command_id')).rows;

describe('a command of the log', () => {
  it('is written with what became of it and its place, and known from then on', async () => {
    const [one, other] = [order(TARGETS[4]), order()];
    expect(await findSettledCommands(database, [one.commandId, other.commandId])).toEqual(new Set());
    const detail = `done\0 ${'x'.repeat(9000)}`;
    await settleCommands(database, fence, [{ order: one, outcome: 'refused', detail, offset: 2n ** 60n }]);
    expect(await findSettledCommands(database, [other.commandId, one.commandId])).toEqual(new Set([one.commandId]));
    const [row] = await commands();
    expect(row).toMatchObject({
      command_id: one.commandId,
      consumer_group: PLACE.consumerGroup,
      topic: PLACE.topic,
      kafka_partition: 1,
      command: 'redrive',
      actor: 'ada',
      why: 'it was fixed',
      via: 'log',
      incarnation: 2,
      kafka_offset: String(2n ** 60n),
      outcome: 'refused',
      settled_at: expect.any(Date),
    });
    expect(Buffer.byteLength(String(row!['outcome_detail']))).toBeLessThanOrEqual(4096);
  });

  // The tool sends it twice, or the log is read again: what it did must not be done again.
  it('has no second effect, however it ended, and what became of it stays', async () => {
    for (const outcome of ['applied', 'refused'] as const) {
      const one = order();
      await settleCommands(database, fence, [{ order: one, outcome, detail: 'first', offset: 1n }]);
      await expect(
        settleCommands(database, fence, [{ order: one, outcome: 'applied', detail: 'second', offset: 2n }]),
      ).rejects.toThrow('Of 1 commands, 1 had an effect before.');
    }
    expect(await commands()).toMatchObject([{ outcome_detail: 'first' }, { outcome_detail: 'first' }]);
  });
});

describe('a command of the table', () => {
  it('is read by the owner with all that it was written with', async () => {
    const orders = TARGETS.map((target) => order(target));
    for (const one of orders) await ask([one]);
    const open = await readOpenCommands(database, PLACE, [fence.partition], 100);
    expect(open).toEqual(
      orders.map((one) => ({
        partition: 1,
        commandId: one.commandId,
        actor: 'ada',
        order: { ...one, issuedAt: expect.any(Number) },
        problem: null,
      })),
    );
  });

  it('waits for the owner of its partition only, the oldest first, up to the limit', async () => {
    const orders = [order(), order(), order()];
    await ask([orders[0]!], 7);
    await ask([orders[1]!], 1);
    await ask([orders[2]!], 7);
    await ask([order()], 1, { ...PLACE, consumerGroup: 'g' });
    await ask([order()], 1, { ...PLACE, topic: 't' });
    const ids = async (partitions: number[], limit: number) =>
      (await readOpenCommands(database, PLACE, partitions, limit)).map(({ commandId }) => commandId);
    expect(await ids([1, 7], 9)).toEqual(orders.map(({ commandId }) => commandId));
    expect(await ids([1, 7], 2)).toEqual([orders[0]!.commandId, orders[1]!.commandId]);
    expect(await ids([1], 9)).toEqual([orders[1]!.commandId]);
    expect(await ids([2], 9)).toEqual([]);
  });

  // A hold and a release that change places leave another state; those of one call are written at the same time.
  it('waits behind those that were written before it, also by the same call', async () => {
    const orders = Array.from({ length: 8 }, () => order());
    await ask(orders.slice(0, 6));
    await ask(orders.slice(6));
    const open = await readOpenCommands(database, PLACE, [1], 9);
    expect(open.map(({ commandId }) => commandId)).toEqual(orders.map(({ commandId }) => commandId));
  });

  it('is settled once, and waits for nobody then; it keeps how it came', async () => {
    const one = order();
    await ask([one]);
    expect(await findSettledCommands(database, [one.commandId])).toEqual(new Set());
    await settleCommands(database, fence, [{ order: one, outcome: 'applied', detail: 'done', offset: null }]);
    expect(await commands()).toMatchObject([
      { via: 'table', outcome: 'applied', outcome_detail: 'done', incarnation: null, kafka_offset: null },
    ]);
    expect(await findSettledCommands(database, [one.commandId])).toEqual(new Set([one.commandId]));
    expect(await readOpenCommands(database, PLACE, [1], 9)).toEqual([]);
    // The same command comes by the log, too: its effect is there.
    await expect(
      settleCommands(database, fence, [{ order: one, outcome: 'refused', detail: 'again', offset: 7n }]),
    ).rejects.toThrow('Of 1 commands, 1 had an effect before.');
    expect(await commands()).toMatchObject([{ outcome: 'applied', outcome_detail: 'done' }]);
  });

  // An older or a newer tool has written it: the commands behind it must not wait for it.
  it('that nobody can understand is told with its problem, and refused once', async () => {
    const one = order();
    await ask([one]);
    const unknown = [randomUUID(), randomUUID()];
    for (const [i, command] of ['explode', 'hold'].entries()) {
      await database.query(
        `insert into hookline.control_commands
                (command_id, consumer_group, topic, kafka_partition, command, target, actor, why, via)
         values ($1, $2, $3, 1, $4, '{}', 'ada', 'why', 'table')`,
        [unknown[i], PLACE.consumerGroup, PLACE.topic, command],
      );
    }
    const open = await readOpenCommands(database, PLACE, [1], 9);
    expect(open).toMatchObject([
      { commandId: one.commandId, problem: null },
      { commandId: unknown[0], order: null, problem: expect.stringContaining('"explode"') },
      { commandId: unknown[1], order: null, problem: expect.stringContaining('lacks a part') },
    ]);
    await settleCommands(database, fence, [{ order: one, outcome: 'applied', detail: 'done', offset: null }]);
    const refused = [one.commandId, ...unknown].map((id) => refuseCommand(database, id, 'no such command'));
    expect(await Promise.all(refused)).toEqual([false, true, true]);
    expect(await commands()).toMatchObject([
      { outcome: 'applied', outcome_detail: 'done' },
      { outcome: 'refused', outcome_detail: 'no such command', settled_at: expect.any(Date) },
      { outcome: 'refused' },
    ]);
  });
});

it('nothing to look for needs no statement', async () => {
  const none = { query: () => Promise.reject(new Error('no statement is needed')) };
  expect(await findSettledCommands(none, [])).toEqual(new Set());
  expect(await readOpenCommands(none, PLACE, [], 9)).toEqual([]);
});
