import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { writeControl, type Control } from '@hookline/contracts';
import type { PartitionPlace } from '../fence.ts';
import { sha256 } from '../testing/deliveries.ts';
import { ownDatabase } from '../testing/own-database.ts';
import { PLACE } from '../testing/partitions.ts';
import { readTarget, storedTarget, type StoredTarget } from './control-target.ts';
import type { DeadTargetFilter } from './dead-target-filter.ts';
import { findHeldTargets } from './find-held-targets.ts';
import { findLane } from './find-lane.ts';
import { planDeadTargets } from './plan-dead-targets.ts';
import { readDeadTargets, type DeadTarget } from './read-dead-targets.ts';
import { readOutcomes } from './read-outcomes.ts';
import { writeCommands } from './write-commands.ts';

const database = ownDatabase();

beforeEach(async () => {
  await database.query(
    `truncate hookline.lanes, hookline.lane_deliveries, hookline.dead_letters, hookline.dead_deliveries,
              hookline.held_deliveries, hookline.control_commands`,
  );
});

const at = (given: Partial<PartitionPlace>): PartitionPlace => ({ ...PLACE, ...given });
/** Places other than those of PLACE: what is asked about its own must not see them. */
const OTHERS = [at({ consumerGroup: 'g' }), at({ topic: 't' })];
const ANY: DeadTargetFilter = { ids: null, fingerprint: null, orderingKey: null, handler: null, until: null };

interface Dead {
  offset: bigint;
  incarnation?: number;
  key?: string | null;
  /** Handler and fingerprint of each letter. */
  letters: [handler: string | null, fingerprint: string][];
}

/** Inserts a row by hand, so that each state is there for certain. */
async function put(table: string, on: PartitionPlace, row: Record<string, unknown>): Promise<void> {
  const { consumerGroup: consumer_group, topic, partition: kafka_partition } = on;
  const columns = Object.entries<unknown>({ consumer_group, topic, kafka_partition, ...row });
  await database.query(
    `insert into hookline.${table} (${columns.map(([name]) => name).join(', ')})
     values (${columns.map((_, i) => `$${i + 1}`).join(', ')})`,
    columns.map(([, value]) => value),
  );
}

/** Columns of a delivery that nothing here depends on. */
const delivery = () => ({
  appended_at: new Date(),
  ordering_key: 'a',
  source: 'main',
  dedup_scope: 'main',
  guid: randomUUID(),
  digest: sha256('one'),
  event: 'issues',
  received_at: new Date(),
  headers: {},
  secret_label: 'current',
  body: Buffer.alloc(0),
  body_encoding: 'identity',
  body_bytes: 0,
});

async function die(on: PartitionPlace, ...dead: Dead[]): Promise<void> {
  for (const { offset, incarnation = 1, key = 'a', letters } of dead) {
    const place = { incarnation, kafka_offset: offset };
    const of = key === null ? { appended_at: new Date() } : { ...delivery(), ordering_key: key };
    await put('dead_deliveries', on, { ...of, ...place });
    for (const [handler, fingerprint] of letters) {
      await put('dead_letters', on, {
        ...place,
        handler,
        reason: handler === null ? 'undecodable' : 'handler-failed',
        attempts: 3,
        error_fingerprint: fingerprint,
        error_message: `no ${fingerprint}`,
      });
    }
  }
}

const settle = (state: string, offset: bigint, handler: string) =>
  database.query(`update hookline.dead_letters set state = $1 where kafka_offset = $2 and handler = $3`, [
    state,
    offset,
    handler,
  ]);

describe('the lane that a decision is about', () => {
  const open = (on: PartitionPlace, key: string, given: object = {}) =>
    put('lanes', on, {
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
    put('lane_deliveries', on, { ...delivery(), position, incarnation: 1, kafka_offset: offset });

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

describe('the dead letters that a decision is about', () => {
  const targets = (filter: Partial<DeadTargetFilter> = {}, limit = 100) =>
    readDeadTargets(database, { ...PLACE, incarnation: 1 }, { ...ANY, ...filter }, { after: null, limit });
  const offsets = async (filter: Partial<DeadTargetFilter>) => (await targets(filter)).map(({ offset }) => offset);

  it('are the deliveries of a log in order, each with its dead handlers', async () => {
    await die(
      PLACE,
      { offset: 3n, incarnation: 2, letters: [['welcome', 'f1']] },
      {
        offset: 9n,
        letters: [
          ['welcome', 'f1'],
          ['sync', 'f2'],
        ],
      },
      { offset: 10n, key: null, letters: [[null, 'f3']] },
      { offset: 4n, key: 'b', letters: [['welcome', 'f1']] },
    );
    for (const other of [...OTHERS, at({ partition: 5 })]) await die(other, { offset: 1n, letters: [['w', 'f']] });
    expect(await targets()).toEqual([
      { offset: 4n, orderingKey: 'b', handlers: ['welcome'], generation: 1 },
      { offset: 9n, orderingKey: 'a', handlers: ['sync', 'welcome'], generation: 1 },
      { offset: 10n, orderingKey: null, handlers: [], generation: 1 },
    ]);
  });

  it('come page by page, each delivery once', async () => {
    await die(
      PLACE,
      ...Array.from({ length: 7 }, (_, i) => ({
        offset: BigInt(i),
        letters: [
          ['welcome', 'f1'],
          ['sync', 'f1'],
        ] as Dead['letters'],
      })),
    );
    const found: DeadTarget[] = [];
    for (let after: bigint | null = null; ; after = found.at(-1)!.offset) {
      const page: DeadTarget[] = await readDeadTargets(database, { ...PLACE, incarnation: 1 }, ANY, {
        after,
        limit: 3,
      });
      if (page.length === 0) break;
      found.push(...page);
    }
    expect(found.map(({ offset }) => offset)).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n]);
  });

  it('are dead still: what waits, was redriven or discarded is not among them', async () => {
    const both: Dead['letters'] = [
      ['welcome', 'f1'],
      ['sync', 'f1'],
    ];
    await die(PLACE, ...[1n, 2n, 3n, 4n].map((offset) => ({ offset, letters: both })));
    await settle('waiting', 1n, 'welcome');
    await settle('redriven', 2n, 'welcome');
    await settle('discarded', 2n, 'sync');
    await database.query(`update hookline.dead_letters set generation = 3 where kafka_offset = 3 and handler = 'sync'`);
    await database.query(
      `update hookline.dead_letters set generation = 5 where kafka_offset = 1 and handler = 'welcome'`,
    );
    expect(await targets()).toMatchObject([
      { offset: 1n, handlers: ['sync'], generation: 1 },
      { offset: 3n, handlers: ['sync', 'welcome'], generation: 3 },
      { offset: 4n, handlers: ['sync', 'welcome'] },
    ]);
    // The state that is decided on is that of the delivery: another handler's run changes it, too.
    expect(await targets({ handler: 'welcome' })).toMatchObject([
      { offset: 3n, handlers: ['welcome'], generation: 3 },
      { offset: 4n, generation: 1 },
    ]);
  });

  it('are of an id, an error, a key, a handler, a time, or of several of these at once', async () => {
    await die(
      PLACE,
      { offset: 1n, key: 'a', letters: [['welcome', 'f1']] },
      { offset: 2n, key: 'a', letters: [['sync', 'f1']] },
      { offset: 3n, key: 'b', letters: [['welcome', 'f2']] },
    );
    const { rows } = await database.query<{ id: string }>(
      'select dead_letter_id as id from hookline.dead_letters where kafka_offset in (1, 3)',
    );
    expect(await offsets({ ids: rows.map(({ id }) => BigInt(id)) })).toEqual([1n, 3n]);
    expect(await offsets({ ids: [] })).toEqual([]);
    expect(await offsets({ fingerprint: 'f1' })).toEqual([1n, 2n]);
    expect(await offsets({ orderingKey: 'b' })).toEqual([3n]);
    expect(await offsets({ handler: 'welcome' })).toEqual([1n, 3n]);
    expect(await offsets({ fingerprint: 'f1', handler: 'welcome' })).toEqual([1n]);
    await database.query(`update hookline.dead_letters set dead_at = now() + interval '1 hour' where kafka_offset = 2`);
    expect(await offsets({ until: new Date() })).toEqual([1n, 3n]);
  });

  it('are counted, in all, by handler and error, and by key', async () => {
    await die(
      PLACE,
      { offset: 1n, key: 'a', letters: [['welcome', 'f1']] },
      {
        offset: 2n,
        key: 'a',
        letters: [
          ['welcome', 'f1'],
          ['sync', 'f1'],
        ],
      },
      { offset: 3n, key: 'b', letters: [['welcome', 'f1']] },
      { offset: 4n, key: null, letters: [[null, 'f9']] },
    );
    await die(at({ partition: 5 }), { offset: 1n, key: 'c', letters: [['welcome', 'f1']] });
    for (const other of OTHERS) await die(other, { offset: 1n, letters: [['welcome', 'f1']] });
    await settle('discarded', 3n, 'welcome');
    const plan = await planDeadTargets(database, PLACE, ANY, 2);
    expect(plan).toEqual({
      at: expect.any(Date),
      letters: 5,
      deliveries: 4,
      keys: 2,
      logs: [
        { partition: 1, incarnation: 1 },
        { partition: 5, incarnation: 1 },
      ],
      errors: [
        { handler: 'welcome', fingerprint: 'f1', message: 'no f1', letters: 3, keys: 2 },
        { handler: 'sync', fingerprint: 'f1', message: 'no f1', letters: 1, keys: 1 },
      ],
      largestKeys: [
        { orderingKey: 'a', letters: 3 },
        { orderingKey: 'c', letters: 1 },
      ],
    });
    expect(await planDeadTargets(database, PLACE, { ...ANY, handler: 'nobody' }, 2)).toMatchObject({
      letters: 0,
      logs: [],
      errors: [],
    });
  });
});

describe('the logs of a partition', () => {
  // Those of former topic generations are numbered below zero, in no order; a key's older deliveries come first.
  it('are in the order of their records', async () => {
    for (const [incarnation, day] of [
      [1, 5],
      [-1, 3],
      [-7, 1],
      [-2, 4],
      [2, 6],
    ] as const) {
      await die(PLACE, { offset: 1n, incarnation, letters: [['welcome', 'f1']] });
      await database.query('update hookline.dead_deliveries set appended_at = $1 where incarnation = $2', [
        new Date(Date.UTC(2026, 0, day)),
        incarnation,
      ]);
    }
    const { logs } = await planDeadTargets(database, PLACE, ANY, 1);
    expect(logs.map(({ incarnation }) => incarnation)).toEqual([-7, -1, -2, 1, 2]);
    const former = { ...PLACE, incarnation: -7 };
    expect(await readDeadTargets(database, former, ANY, { after: null, limit: 9 })).toMatchObject([{ offset: 1n }]);
  });
});

describe('the held deliveries that a decision is about', () => {
  const hold = (on: PartitionPlace, digest: Buffer, given: { guid?: string; event?: string; offset?: number } = {}) =>
    put('held_deliveries', on, {
      ...delivery(),
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
    await writeCommands(database, PLACE, []);
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
