import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { advanceOffset } from '../advance-offset.ts';
import type { Database } from '../database.ts';
import { fencedTransaction } from '../fence.ts';
import { makeRanges } from '../make-ranges.ts';
import { startRun } from '../starts/start-run.ts';
import { takeOverPartition, type Takeover } from '../take-over-partition.ts';
import { ownDatabase } from '../testing/own-database.ts';
import { fenceOf, givePartition, PLACE } from '../testing/partitions.ts';
import { commit } from '../transaction.ts';
import { readCommand, readCommandOutcome } from './read-command.ts';
import { readHalts } from './read-halts.ts';
import { requestResume, type ResumeCommand } from './request-resume.ts';
import { resumePartition, type ResumingOwner } from './resume-partition.ts';
import { writeHalt } from './write-halt.ts';

const database = ownDatabase({ poolSize: 20 });

beforeAll(async () => {
  await makeRanges(database);
});
beforeEach(async () => {
  await database.query(
    `truncate hookline.partition_offsets, hookline.partition_halts, hookline.partition_commands, hookline.audit_log,
              hookline.record_starts`,
  );
});

const OWNER: ResumingOwner = { owner: 'processor-a', epoch: 4n, log: { start: 40n, end: 200n, committed: 150n } };

/** A partition that halted in epoch 4 at offset 100, and a human who has decided to go back to 60. */
async function halted(given: Partial<ResumeCommand> = {}, nextOffset: bigint | null = 100n): Promise<ResumeCommand> {
  const epoch = nextOffset === null ? null : 4n;
  if (nextOffset !== null) await givePartition(database, fenceOf(4n), nextOffset);
  const reason = nextOffset === null ? 'DATABASE_WITHOUT_OFFSET' : 'LOG_DIFFERS';
  await writeHalt(database, PLACE, {
    reason,
    detail: 'It is another record.',
    nextOffset,
    logStart: 40n,
    logEnd: 200n,
    committed: 150n,
    owner: 'processor-a',
    epoch,
  });
  const command: ResumeCommand = {
    commandId: randomUUID(),
    resume: { from: 'offset', offset: 60n },
    decidedReason: reason,
    decidedNextOffset: nextOffset,
    actor: 'somebody@host',
    why: 'restored from the mirror',
    ...given,
  };
  await requestResume(database, PLACE, command);
  return command;
}

async function audited(): Promise<Record<string, unknown>[]> {
  const { rows } = await database.query(
    `select stage, decision, topic, kafka_partition, kafka_offset, epoch, incarnation, guid, actor, detail, command_id
       from hookline.audit_log order by audit_id`,
  );
  return rows;
}

async function row(): Promise<Record<string, unknown> | undefined> {
  const { rows } = await database.query(
    `select next_offset, epoch, owner, incarnation, accepted_committed, last_record_digest, last_record_time
       from hookline.partition_offsets`,
  );
  return rows[0];
}

describe('a command about a partition', () => {
  it('waits for its owner, who finds the oldest that nobody has settled', async () => {
    expect(await readCommand(database, PLACE)).toBeNull();
    const first = await halted();
    await requestResume(database, PLACE, {
      ...first,
      commandId: randomUUID(),
      resume: { from: 'stored', offset: null },
    });
    expect(await readCommand(database, PLACE)).toEqual(first);
    expect(await readCommandOutcome(database, first.commandId)).toBeNull();
    for (const other of [{ partition: 11 }, { consumerGroup: 'g' }, { topic: 't' }]) {
      expect(await readCommand(database, { ...PLACE, ...other })).toBeNull();
    }
  });

  it('is asked once, also when the reply was lost and it is asked again', async () => {
    const command = await halted();
    await requestResume(database, PLACE, command);
    await resumePartition(database, PLACE, command.commandId, OWNER);
    await requestResume(database, PLACE, command);
    expect(await readCommand(database, PLACE)).toBeNull();
  });
});

describe('resuming', () => {
  it('moves the partition to where the human has decided, all at once, and says so in the audit', async () => {
    const command = await halted();
    const detail = 'LOG_DIFFERS: from offset 100 to 60.';
    expect(await resumePartition(database, PLACE, command.commandId, OWNER)).toEqual({
      success: true,
      nextOffset: 60n,
      incarnation: 2,
      detail,
    });
    expect(await row()).toEqual({
      next_offset: '60',
      epoch: '5',
      owner: 'processor-a',
      incarnation: 2,
      accepted_committed: '150',
      last_record_digest: null,
      last_record_time: null,
    });
    expect(await readHalts(database, PLACE)).toEqual([]);
    expect(await readCommandOutcome(database, command.commandId)).toEqual({ outcome: 'applied', detail });
    expect(await audited()).toEqual([
      {
        stage: 'partition',
        decision: 'resumed',
        topic: PLACE.topic,
        kafka_partition: 1,
        kafka_offset: '60',
        epoch: '5',
        incarnation: 2,
        guid: null,
        actor: 'somebody@host',
        detail: `restored from the mirror (${detail})`,
        command_id: command.commandId,
      },
    ]);
  });

  it('makes the row where the database knew nothing of the partition', async () => {
    const { commandId } = await halted({ resume: { from: 'log-start', offset: null } }, null);
    expect(await resumePartition(database, PLACE, commandId, { ...OWNER, epoch: null })).toMatchObject({
      success: true,
      nextOffset: 40n,
      incarnation: 1,
    });
    expect(await row()).toMatchObject({ next_offset: '40', epoch: '1', accepted_committed: '150' });
    expect(await audited()).toMatchObject([
      { decision: 'resumed', detail: expect.stringContaining('from offset none to 40') },
    ]);
  });

  it('forgets what is no longer so: the witness, and what another process had begun at some offset', async () => {
    await givePartition(database, fenceOf(4n), 99n);
    await fencedTransaction(database, fenceOf(4n), {}, async (tx) => {
      await advanceOffset(tx, fenceOf(4n), 99n, 100n, { digest: Buffer.alloc(32), time: 1 });
      return commit(null);
    });
    await database.query('update hookline.partition_offsets set accepted_committed = 5000');
    const run = { firstPosition: 60n, records: 1 };
    await startRun(database, fenceOf(4n), 'dead', { ...run, stage: 'log', orderingKey: '' });
    await startRun(database, fenceOf(4n), 'dead', { ...run, stage: 'lane', orderingKey: 'a' });
    await database.query(`insert into hookline.partition_halts
      (consumer_group, topic, kafka_partition, reason, detail, next_offset, owner)
      select consumer_group, topic, kafka_partition, 'LOG_EXPIRED', '', 100, 'a' from hookline.partition_offsets`);
    const commandId = randomUUID();
    await requestResume(database, PLACE, {
      commandId,
      resume: { from: 'stored', offset: null },
      decidedReason: 'LOG_EXPIRED',
      decidedNextOffset: 100n,
      actor: 'me',
      why: 'so',
    });
    const log = { start: 40n, end: 200n, committed: 100n };
    expect(await resumePartition(database, PLACE, commandId, { ...OWNER, log })).toMatchObject({ incarnation: 1 });
    expect(await row()).toMatchObject({ last_record_digest: null, last_record_time: null });
    const taken = (await takeOverPartition(database, PLACE, 'b', null)) as Takeover;
    expect(taken).toMatchObject({ nextOffset: 100n, last: null, acceptedCommitted: null });
    expect(taken.starts.map(({ stage }) => stage)).toEqual(['lane']);
  });

  it('fences out whoever takes the partition for its own still, the caller included', async () => {
    const { commandId } = await halted();
    await resumePartition(database, PLACE, commandId, OWNER);
    const stale = fencedTransaction(database, fenceOf(4n), {}, () => Promise.reject(new Error('ran')));
    expect(await stale).toEqual({ success: false, reason: 'FENCED', epoch: 5n });
  });

  it('refuses what was decided on another state; that is settled and audited, and nothing else changes', async () => {
    const { commandId } = await halted({ decidedReason: 'LOG_EXPIRED' });
    const before = await row();
    const detail = 'Decided on LOG_EXPIRED at offset 100, but the partition is halted for LOG_DIFFERS at offset 100.';
    expect(await resumePartition(database, PLACE, commandId, OWNER)).toEqual({
      success: false,
      reason: 'REFUSED',
      detail,
    });
    expect(await row()).toEqual(before);
    expect((await readHalts(database, PLACE)).length).toBe(1);
    expect(await readCommandOutcome(database, commandId)).toEqual({ outcome: 'refused', detail });
    expect(await audited()).toMatchObject([
      { decision: 'refused', kafka_offset: '100', epoch: '4', actor: 'somebody@host', command_id: commandId },
    ]);
  });

  it.each([3n, 5n, null])('is not for an owner of epoch %s, where the row has 4: the command waits', async (epoch) => {
    const { commandId } = await halted();
    const before = await row();
    expect(await resumePartition(database, PLACE, commandId, { ...OWNER, epoch })).toEqual({
      success: false,
      reason: 'FENCED',
    });
    expect([await row(), await audited()]).toEqual([before, []]);
    expect((await readCommand(database, PLACE))?.commandId).toBe(commandId);
  });

  it('refuses a second decision about the same halt: the first has ended it', async () => {
    const first = await halted();
    await requestResume(database, PLACE, { ...first, commandId: randomUUID() });
    await resumePartition(database, PLACE, first.commandId, OWNER);
    const second = (await readCommand(database, PLACE))!;
    expect(await resumePartition(database, PLACE, second.commandId, { ...OWNER, epoch: 5n })).toEqual({
      success: false,
      reason: 'REFUSED',
      detail: 'The partition is not halted.',
    });
    expect(await row()).toMatchObject({ next_offset: '60', epoch: '5' });
  });

  // Each believes that the partition is its own: without a row no epoch tells them apart.
  it.each([
    ['a row', 100n, 4n],
    ['no row', null, null],
  ])('is done once by many owners at once, where there is %s', async (_, nextOffset, epoch) => {
    for (let round = 0; round < 10; round++) {
      await database.query('truncate hookline.partition_offsets, hookline.partition_halts, hookline.audit_log');
      const { commandId } = await halted({}, nextOffset);
      const ends = await Promise.all(
        Array.from({ length: 8 }, (_unused, i) =>
          resumePartition(database, PLACE, commandId, { ...OWNER, owner: `processor-${i}`, epoch }),
        ),
      );
      expect(ends.filter(({ success }) => success).length).toBe(1);
      expect(ends.filter((end) => !end.success && end.reason === 'SETTLED').length).toBe(7);
      expect((await audited()).length).toBe(1);
      expect(await row()).toMatchObject({ next_offset: '60', epoch: nextOffset === null ? '1' : '5' });
    }
  });

  // Whoever is first, the other finds another state: the offset moves under one decision only.
  it('and a takeover at the same time end with one owner, and the decision applied or waiting', async () => {
    for (let round = 0; round < 20; round++) {
      await database.query('truncate hookline.partition_offsets, hookline.partition_halts, hookline.audit_log');
      const { commandId } = await halted();
      const [end, taken] = await Promise.all([
        resumePartition(database, PLACE, commandId, OWNER),
        takeOverPartition(database, PLACE, 'processor-b', null) as Promise<Takeover>,
      ]);
      if (end.success) expect([await row(), (await audited()).length]).toMatchObject([{ next_offset: '60' }, 1]);
      else expect([end.reason, await row(), await audited()]).toMatchObject(['FENCED', { next_offset: '100' }, []]);
      const runs = fencedTransaction(database, taken.fence, {}, (__, next) => Promise.resolve(commit(next)));
      // A takeover that came first is fenced out by the decision, unless that found another owner.
      expect(await runs).toEqual(
        taken.fence.epoch === 6n || !end.success ? taken.nextOffset : { success: false, reason: 'FENCED', epoch: 6n },
      );
    }
  });

  // A process that is killed is a connection that ends: at any statement, all or nothing.
  it('is done whole or not at all, wherever its process dies', async () => {
    for (let statements = 1; ; statements++) {
      await database.query('truncate hookline.partition_offsets, hookline.partition_halts, hookline.audit_log');
      const { commandId } = await halted();
      const before = [await row(), await readHalts(database, PLACE), await audited()];
      let left = statements;
      const dying: Database = {
        ...database,
        async acquire() {
          const client = await database.acquire();
          return {
            ...client,
            query: async (text, values) => {
              if (left-- > 0) return client.query(text, values);
              await client.query('select pg_terminate_backend(pg_backend_pid())').catch(() => {});
              throw new Error('killed');
            },
          };
        },
      };
      const end = await resumePartition(dying, PLACE, commandId, OWNER).catch((error: unknown) => error);
      if (!(end instanceof Error)) {
        expect(end).toMatchObject({ success: true });
        expect(statements).toBeGreaterThan(7);
        return;
      }
      expect([await row(), await readHalts(database, PLACE), await audited()]).toEqual(before);
      // And its successor does it.
      expect(await resumePartition(database, PLACE, commandId, OWNER)).toMatchObject({ success: true });
    }
  });
});
