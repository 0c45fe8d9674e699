import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { writeControl, type Control } from '@hookline/contracts';
import type { PartitionPlace } from '../fence.ts';
import { sha256 } from '../testing/deliveries.ts';
import { ownDatabase } from '../testing/own-database.ts';
import { PLACE } from '../testing/partitions.ts';
import { at, deliveryColumns, OTHERS, putRow } from '../testing/rows.ts';
import { readTarget, storedTarget, type StoredTarget } from './control-target.ts';
import { findHeldTargets } from './find-held-targets.ts';
import { findLane } from './find-lane.ts';
import { readOutcomes } from './read-outcomes.ts';
import { writeCommands } from './write-commands.ts';

const database = ownDatabase();

beforeEach(async () => {
  await database.query(
    `truncate hookline.lanes, hookline.lane_deliveries, hookline.held_deliveries, hookline.control_commands`,
  );
});

describe('the lane that a decision is about', () => {
  const open = (on: PartitionPlace, key: string, given: object = {}) =>
    putRow(database, 'lanes', on, {
      ordering_key: key,
      attempts: 4,
      kills: 1,
      deferrals: 2,
      due_at: new Date(),
      last_error: 'no label',
      records: 2,
      next_position: 2,
      ...given,
    });
  const wait = (on: PartitionPlace, position: number, offset: bigint) =>
    putRow(database, 'lane_deliveries', on, { ...deliveryColumns(), position, incarnation: 1, kafka_offset: offset });

  it('is none where the key does not wait', async () => {
    for (const other of [...OTHERS, at({ partition: 5 })]) await open(other, 'a');
    await open(PLACE, 'b');
    expect(await findLane(database, PLACE, 'a')).toBeNull();
  });

  it('is told with its head, by place and tries, and what is behind it now', async () => {
    await open(PLACE, 'a');
    await wait(PLACE, 0, 7n);
    await wait(PLACE, 1, 9n);
    expect(await findLane(database, PLACE, 'a')).toMatchObject({
      state: 'retrying',
      generation: 4,
      records: 2,
      lastError: 'no label',
      head: { incarnation: 1, offset: 7n, event: 'issues' },
    });
    // A row below the head is a dead one of what was removed.
    await database.query(`update hookline.lanes set head_position = 1, state = 'held'`);
    expect(await findLane(database, PLACE, 'a')).toMatchObject({ state: 'held', head: { offset: 9n } });
  });

  it('has no head where it is held empty', async () => {
    await open(PLACE, 'a', { state: 'held', records: 0, next_position: 0 });
    await wait(PLACE, 0, 7n);
    expect(await findLane(database, PLACE, 'a')).toMatchObject({ state: 'held', head: null, records: 0 });
  });
});

describe('the held deliveries that a decision is about', () => {
  const hold = (on: PartitionPlace, digest: Buffer, given: { guid?: string; event?: string; offset?: number } = {}) =>
    putRow(database, 'held_deliveries', on, {
      ...deliveryColumns(),
      digest,
      event: given.event ?? 'issues',
      guid: given.guid ?? randomUUID(),
      reason: 'suspected-replay',
      known_guid: randomUUID(),
      known_event: 'issues',
      arrivals: 2,
      generation: 4,
      incarnation: 1,
      kafka_offset: given.offset ?? 1,
      seen_incarnation: 1,
      seen_offset: 9,
    });

  it('are found by the beginning of their digest, or a GUID, with the generation that they have', async () => {
    const digest = sha256('one');
    const guid = randomUUID();
    await hold(PLACE, digest, { offset: 2 });
    await hold(PLACE, digest, { event: 'push', guid, offset: 1 });
    await hold(PLACE, sha256('two'));
    for (const other of OTHERS) await hold(other, digest, { guid });
    const found = await findHeldTargets(database, PLACE, { digest: digest.toString('hex').slice(0, 8) });
    expect(found).toMatchObject([
      { event: 'push', partition: 1, orderingKey: 'a', digest, dedupScope: 'main', generation: 4, arrivals: 2, guid },
      { event: 'issues' },
    ]);
    expect(await findHeldTargets(database, PLACE, { guid })).toEqual([found[0]]);
    expect(await findHeldTargets(database, PLACE, { digest: '%' })).toEqual([]);
  });

  it('are held still: one that was released or discarded is not among them', async () => {
    for (const [state, offset] of [
      ['held', 1],
      ['released', 2],
      ['discarded', 3],
    ] as const) {
      await hold(PLACE, sha256('one'), { event: state, offset });
      await database.query('update hookline.held_deliveries set state = $1 where event = $1', [state]);
    }
    const found = await findHeldTargets(database, PLACE, { digest: sha256('one').toString('hex') });
    expect(found.map(({ event }) => event)).toEqual(['held']);
    const gone = await findHeldTargets(database, PLACE, { digest: sha256('one').toString('hex') }, 'discarded');
    expect(gone.map(({ event }) => event)).toEqual(['discarded']);
  });
});

describe('a command in the table', () => {
  const control = (commandId = randomUUID()): Control =>
    writeControl({
      commandId,
      actor: 'ada',
      why: 'it was fixed',
      issuedAt: 0,
      target: {
        command: 'release-replay',
        orderingKey: 'a',
        digest: sha256('one'),
        dedupScope: 'main',
        event: 'issues',
        generation: 2,
      },
    });

  it('waits for its owner with all that the record would have said', async () => {
    const command = control();
    await writeCommands(database, PLACE, [{ partition: 7, control: command }]);
    expect(await writeCommands(database, PLACE, [])).toEqual({ success: true });
    const { rows } = await database.query<Record<string, unknown> & { target: StoredTarget }>(
      'select * from hookline.control_commands',
    );
    expect(rows).toMatchObject([
      {
        command_id: command.commandId,
        consumer_group: PLACE.consumerGroup,
        topic: PLACE.topic,
        kafka_partition: 7,
        command: 'release-replay',
        actor: 'ada',
        why: 'it was fixed',
        via: 'table',
        incarnation: null,
        outcome: null,
      },
    ]);
    const { commandId, command: name, actor, why, issuedAt } = command;
    expect({ commandId, command: name, actor, why, issuedAt, ...readTarget(rows[0]!.target) }).toEqual(command);
  });

  it('keeps the place and the handlers of dead letters', () => {
    const target = { command: 'redrive' as const, orderingKey: null, incarnation: 2, offset: 2n ** 62n, generation: 3 };
    const { commandId, actor, why, issuedAt } = control();
    const record = writeControl({ commandId, actor, why, issuedAt, target: { ...target, handlers: ['welcome'] } });
    const { offset, handlers, digest } = readTarget(JSON.parse(JSON.stringify(storedTarget(record))) as StoredTarget);
    expect({ offset, handlers, digest }).toEqual({ offset: String(2n ** 62n), handlers: ['welcome'], digest: null });
  });

  // The tool was killed between writing and telling; it is run again with the same ids.
  it('stays as it is when it is written again, settled or not', async () => {
    const [one, other] = [control(), control()];
    await writeCommands(database, PLACE, [{ partition: 7, control: one }]);
    await database.query(
      `update hookline.control_commands set outcome = 'applied', outcome_detail = 'done', settled_at = now()`,
    );
    await writeCommands(
      database,
      PLACE,
      [one, other].map((command) => ({ partition: 8, control: command })),
    );
    const known = await readOutcomes(database, [one.commandId, other.commandId, randomUUID()]);
    expect(known).toHaveLength(2);
    expect(known).toEqual(
      expect.arrayContaining([
        { commandId: one.commandId, outcome: 'applied', detail: 'done' },
        { commandId: other.commandId, outcome: null, detail: '' },
      ]),
    );
  });
});
