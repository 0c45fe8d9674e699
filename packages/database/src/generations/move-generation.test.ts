import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { partitionOf, writeControl } from '@hookline/contracts';
import { until } from '@hookline/test-support';
import { takeCommandsLock } from '../control/commands-lock.ts';
import { runDeadAgain } from '../dead-letters/run-dead-again.ts';
import { checkEpoch } from '../fence.ts';
import { openLanes } from '../lanes/open-lanes.ts';
import {
  fence,
  GROUP,
  key,
  OLD,
  oldGenerationIn,
  beginOldGeneration,
  oldPartition,
} from '../testing/old-generation.ts';
import { writeCommands } from '../operators/write-commands.ts';
import { ownDatabase } from '../testing/own-database.ts';
import { commit, transaction } from '../transaction.ts';
import { beginSealing, recordEnds } from './end-generation.ts';
import type { GenerationMove } from './generation-move.ts';
import { moveGeneration, type MoveEnd } from './move-generation.ts';
import { abandonGeneration, prepareGeneration } from './prepare-generation.ts';
import { isDrained, readDrain } from './read-drain.ts';
import { readGenerations } from './read-generations.ts';

const NEW = { topic: 'log.g2', generation: 2, partitions: 5 };

const database = ownDatabase();
const { giveDead, giveHeld, giveLane } = oldGenerationIn(database);

const rows = async (sql: string): Promise<Record<string, unknown>[]> => (await database.query(sql)).rows;
const move: GenerationMove = {
  consumerGroup: GROUP,
  from: OLD.topic,
  to: NEW.topic,
  partitionOf: (key) => partitionOf(key, NEW.partitions),
  owner: 'the test',
};
const moveNow = (): Promise<MoveEnd> => moveGeneration(database, move, { lockTimeoutMs: 500 });
const states = async () =>
  (await readGenerations(database, [OLD.topic, NEW.topic])).map(({ generation, state }) => `${generation} ${state}`);

beforeEach(() => beginOldGeneration(database));

/** Up to where the old topic has ended at offset 10, as the rows say that it is processed. */
async function ended(ends = [10n, 10n, 10n]): Promise<void> {
  expect(await prepareGeneration(database, OLD.topic, NEW)).toEqual({ success: true });
  expect(await beginSealing(database, { from: OLD.topic, to: NEW.topic, actor: 'me', why: 'more' })).toBe(true);
  await recordEnds(database, OLD.topic, ends);
}

describe('moveGeneration', () => {
  it('gives lanes, held and dead deliveries the partition that their key has in the new topic', async () => {
    const repositories = [1, 2, 3, 4, 5, 6];
    for (const repository of repositories) {
      await giveLane(repository, [1n, 4n, 2n]);
      await giveHeld(repository, 3n);
      await giveDead(oldPartition(repository), key(repository), 10n + BigInt(repository));
    }
    await ended();
    expect(await moveNow()).toEqual({
      success: true,
      already: false,
      moved: { lanes: 6, waiting: 18, held: 6, dead: 6, effects: 0 },
    });
    expect(await states()).toEqual(['1 moved', '2 active']);
    const wanted = repositories.map((repository) => ({ key: key(repository), p: partitionOf(key(repository), 5) }));
    for (const table of ['lanes', 'held_deliveries', 'dead_deliveries']) {
      const found = await rows(
        `select ordering_key as key, kafka_partition as p from hookline.${table} where topic = 'log.g2' order by 1`,
      );
      expect({ table, found }).toEqual({ table, found: wanted });
    }
    // The order is that of positions, and stays.
    const waiting = await rows(
      `select string_agg(kafka_offset::text, ' ' order by position) as offsets, min(kafka_partition) as p
         from hookline.lane_deliveries where topic = 'log.g2' group by ordering_key order by ordering_key`,
    );
    expect(waiting).toEqual(wanted.map(({ p }) => ({ offsets: '1 4 2', p })));
    const attempts = await rows('select distinct attempts, records::int, last_error from hookline.lanes');
    expect(attempts).toEqual([{ attempts: 2, records: 3, last_error: 'no' }]);
  });

  // Two old partitions become one: by their old incarnation their places would be one, and that of a record of the new
  // topic, too, which would be taken for one that has been read before.
  it('keeps every place apart from those of the other old logs and of the new one, and tells which it was', async () => {
    for (const partition of [0, 1, 2]) await giveDead(partition, key(7), 5n);
    await giveDead(1, null, 6n);
    await giveHeld(7, 5n);
    await ended();
    await moveNow();
    const found = await rows(
      `select former.kafka_partition as was, letter.kafka_partition as is, letter.kafka_offset::int as "offset",
              letter.incarnation < 0 as "isOfAnOldLog", letter.handler
         from hookline.dead_letters letter
         join hookline.dead_deliveries using (consumer_group, topic, kafka_partition, incarnation, kafka_offset)
         join hookline.former_logs former on former.incarnation = letter.incarnation
        where letter.topic = 'log.g2' order by letter.kafka_offset, former.kafka_partition`,
    );
    const is = partitionOf(key(7), 5);
    expect(found).toEqual([
      ...[0, 1, 2].map((was) => ({ was, is, offset: 5, isOfAnOldLog: true, handler: 'welcome' })),
      { was: 1, is: 1, offset: 6, isOfAnOldLog: true, handler: null },
    ]);
    const [seen] = await rows(
      `select held.seen_incarnation = former.incarnation as "isOfThatLog", former.kafka_partition as was
         from hookline.held_deliveries held join hookline.former_logs former using (incarnation)`,
    );
    expect(seen).toEqual({ isOfThatLog: true, was: oldPartition(7) });
  });

  it('keeps what was decided about what is held, and which dead handlers a lane is to run', async () => {
    await giveHeld(7, 5n);
    await database.query(
      `update hookline.held_deliveries set state = 'released', settled_at = now(), generation = 3, arrivals = 4,
              seen_incarnation = 2, seen_offset = 9, body = null, body_encoding = null, body_bytes = null`,
    );
    const partition = oldPartition(7);
    await giveDead(partition, key(7), 3n);
    const tries = { attempts: 0, kills: 0, deferrals: 0, dueInMs: 0, error: '' };
    await openLanes(database, fence(partition), [{ orderingKey: key(7), ...tries }]);
    await runDeadAgain(database, fence(partition), [
      {
        run: 'redrive',
        orderingKey: key(7),
        place: { incarnation: 1, offset: 3n },
        handlers: ['welcome'],
        from: 'dead',
        seen: { incarnation: 2, offset: 8n },
      },
    ]);
    await ended();
    expect(await moveNow()).toMatchObject({ success: true, moved: { held: 1, dead: 1, waiting: 1 } });
    const former = (incarnation: string) =>
      `(select former_incarnation from hookline.former_logs former where former.incarnation = ${incarnation})`;
    const [held] = await rows(
      `select topic, state, generation, arrivals::int, seen_offset::int as seen,
              ${former('held.seen_incarnation')} as "seenIn", ${former('held.incarnation')} as "was"
         from hookline.held_deliveries held`,
    );
    expect(held).toEqual({
      topic: 'log.g2',
      state: 'released',
      generation: 3,
      arrivals: 4,
      seen: 9,
      seenIn: 2,
      was: 1,
    });
    const [dead] = await rows(
      `select letter.state, seen_offset::int as seen, ${former('seen_incarnation')} as "seenIn"
         from hookline.dead_deliveries
         join hookline.dead_letters letter using (consumer_group, topic, kafka_partition, incarnation, kafka_offset)`,
    );
    expect(dead).toEqual({ state: 'waiting', seen: 8, seenIn: 2 });
    // The run still finds what it is about.
    const [waiting] = await rows(
      `select run, dead_offset::int as "offset", dead_handlers as handlers,
              exists (select from hookline.dead_deliveries dead
                       where dead.topic = waiting.topic and dead.kafka_partition = waiting.kafka_partition
                         and dead.incarnation = waiting.dead_incarnation and dead.kafka_offset = waiting.dead_offset)
              as "isFound"
         from hookline.lane_deliveries waiting`,
    );
    expect(waiting).toEqual({ run: 'redrive', offset: 3, handlers: ['welcome'], isFound: true });
  });

  // A record that is still to be read would find its lane gone, and run before what waits there.
  it('moves nothing while a partition is not at its end, is halted, or was never read', async () => {
    await giveLane(1, [1n]);
    await ended([10n, 11n, 10n]);
    const reasons = async () => {
      const end = await moveNow();
      return end.success || end.reason !== 'NOT_DRAINED' ? end : end.partitions.map(({ partition }) => partition);
    };
    expect(await reasons()).toEqual([1]);
    await database.query(`insert into hookline.partition_halts (consumer_group, topic, kafka_partition, reason, detail, owner)
                          values ('${GROUP}', 'log', 0, 'LOG_DIFFERS', '', '')`);
    await database.query('delete from hookline.partition_offsets where kafka_partition = 2');
    expect(await reasons()).toEqual([0, 1, 2]);
    expect((await readDrain(database, GROUP, 'log')).filter(isDrained)).toEqual([]);
    expect(await rows('select topic from hookline.lanes')).toEqual([{ topic: 'log' }]);
    expect(await states()).toEqual(['1 draining', '2 prepared']);
  });

  // Whoever was at a lane's run finds its epoch raised when he comes to the fence; and one who holds it is waited for.
  it('is under the fences of all old partitions, and raises their epochs', async () => {
    await ended();
    const holder = await database.acquire();
    await holder.query('begin; select from hookline.partition_offsets where kafka_partition = 2 for update');
    await expect(moveNow()).rejects.toMatchObject({ code: '55P03' });
    await holder.query('rollback');
    holder.release();
    expect(await moveNow()).toMatchObject({ success: true });
    expect(await Promise.all([0, 1, 2].map((partition) => checkEpoch(database, fence(partition))))).toEqual([
      false,
      false,
      false,
    ]);
    const begun = await rows(
      `select kafka_partition as p, next_offset::int as next from hookline.partition_offsets where topic = 'log.g2' order by 1`,
    );
    expect(begun).toEqual([0, 1, 2, 3, 4].map((p) => ({ p, next: 0 })));
  });

  it('is done once, also by two at the same time', async () => {
    await giveLane(1, [1n]);
    await ended();
    const ends = await Promise.all([moveNow(), moveNow()]);
    expect(ends.map((end) => end.success)).toEqual([true, true]);
    expect(ends.filter((end) => end.success && end.already)).toHaveLength(1);
    expect(await moveNow()).toMatchObject({ success: true, already: true });
  });

  // Written while the move is under way: it sees no such command to refuse, and there is no owner of the old log any more.
  it('lets no command be written for the log that has moved', async () => {
    await ended();
    const place = { consumerGroup: GROUP, topic: OLD.topic };
    const target = { command: 'hold', orderingKey: key(1), state: 'none' } as const;
    const write = () =>
      writeCommands(database, place, [
        {
          partition: 0,
          control: writeControl({ commandId: randomUUID(), actor: 'me', why: 'x', issuedAt: 0, target }),
        },
      ]);
    let writing: ReturnType<typeof write> | undefined;
    await transaction(database, {}, async (tx) => {
      await takeCommandsLock(tx);
      writing = write();
      await until('it waits for the move', async () => {
        const waiting = await rows(`select from pg_locks where locktype = 'advisory' and not granted`);
        return waiting.length > 0 || undefined;
      });
      await tx.query(`update hookline.topic_generations set state = 'moved', moved_at = now() where topic = $1`, [
        OLD.topic,
      ]);
      return commit(null);
    });
    expect(await writing).toEqual({ success: false, reason: 'MOVED' });
    expect(await rows('select from hookline.control_commands')).toEqual([]);
  });

  it('refuses what was decided on states that are no more, and blames nobody', async () => {
    await database.query(
      `insert into hookline.control_commands
              (command_id, consumer_group, topic, kafka_partition, command, target, actor, why, via)
       values ($1, $2, 'log', 0, 'hold', '{}', 'me', '', 'table')`,
      [randomUUID(), GROUP],
    );
    await database.query(
      `insert into hookline.record_starts (consumer_group, topic, kafka_partition, stage, ordering_key, first_position,
                                           records, epoch, owner)
       values ($1, 'log', 0, 'lane', 'k', 0, 1, 4, 'dead')`,
      [GROUP],
    );
    await ended();
    await moveNow();
    expect(await rows('select outcome, outcome_detail from hookline.control_commands')).toEqual([
      { outcome: 'refused', outcome_detail: expect.stringContaining('has moved') },
    ]);
    expect(
      await rows(`select kafka_partition, decision, actor, detail from hookline.audit_log where stage = 'partition'`),
    ).toEqual([{ kafka_partition: 0, decision: 'refused', actor: 'me', detail: expect.stringContaining('has moved') }]);
    expect(await rows('select from hookline.record_starts')).toEqual([]);
  });
});

describe('the steps to it', () => {
  it('are taken in their order, can be repeated, and have a way back until the old topic is to be sealed', async () => {
    expect(await abandonGeneration(database, 'log', 'log.g2')).toBe(false);
    expect(await moveNow()).toEqual({ success: false, reason: 'NOT_ENDED' });
    for (const _ of [1, 2]) expect(await prepareGeneration(database, 'log', NEW)).toEqual({ success: true });
    expect(await prepareGeneration(database, 'log', { ...NEW, partitions: 9 })).toMatchObject({ reason: 'MISMATCH' });
    expect(await prepareGeneration(database, 'log.g2', { topic: 'log.g3', generation: 3, partitions: 9 })).toEqual({
      success: false,
      reason: 'NOT_ACTIVE',
    });
    await recordEnds(database, 'log', [1n, 1n, 1n]);
    expect(await states()).toEqual(['1 active', '2 prepared']);
    expect(await abandonGeneration(database, 'log', 'log.g2')).toBe(true);
    const sealing = { from: 'log', to: 'log.g2', actor: 'me', why: 'more' };
    expect(await beginSealing(database, sealing)).toBe(false);
    // A topic that is recorded, and not as the next one.
    await database.query(
      `insert into hookline.topic_generations (topic, generation, partitions) values ('log.g2', 2, 5)`,
    );
    expect(await beginSealing(database, sealing)).toBe(false);
    await database.query(`delete from hookline.topic_generations where topic = 'log.g2'`);

    await prepareGeneration(database, 'log', NEW);
    for (const actor of ['me', 'another']) expect(await beginSealing(database, { ...sealing, actor })).toBe(true);
    expect(await abandonGeneration(database, 'log', 'log.g2')).toBe(false);
    for (const end of [10n, 20n]) await recordEnds(database, 'log', [end, end, end]);
    const [former] = await readGenerations(database, ['log']);
    expect(former).toMatchObject({ state: 'draining', movedBy: 'me', ends: [10n, 10n, 10n], consumerGroup: GROUP });
  });
});
