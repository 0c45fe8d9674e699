import { partitionOf } from '@hookline/contracts';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { makeRanges } from '../make-ranges.ts';
import { claimAttempts } from '../outbox/claim-attempts.ts';
import { ensureShards } from '../outbox/ensure-shards.ts';
import { settleAttempts } from '../outbox/settle-attempts.ts';
import type { Shard } from '../outbox/shard.ts';
import { takeShards } from '../outbox/take-shards.ts';
import { waitingForLock } from '../testing/backends.ts';
import { beginOldGeneration, GROUP, key, OLD, oldGenerationIn, oldPartition } from '../testing/old-generation.ts';
import { ownDatabase } from '../testing/own-database.ts';
import { commit, transaction } from '../transaction.ts';
import { beginSealing, recordEnds } from './end-generation.ts';
import type { GenerationMove } from './generation-move.ts';
import { moveGeneration, type MoveEnd } from './move-generation.ts';
import { prepareGeneration } from './prepare-generation.ts';

const NEW = { topic: 'log.g2', generation: 2, partitions: 5 };
const RELAY = { owner: 'relay', deadlineMs: 1000, marginMs: 1000, statementTimeoutMs: 5000 };

const database = ownDatabase();
const { giveEffects } = oldGenerationIn(database);

beforeAll(async () => {
  await makeRanges(database);
});
beforeEach(() => beginOldGeneration(database));

const rows = async (sql: string): Promise<Record<string, unknown>[]> => (await database.query(sql)).rows;

async function move(more: Partial<GenerationMove> = {}): Promise<MoveEnd> {
  expect(await prepareGeneration(database, OLD.topic, NEW)).toEqual({ success: true });
  await beginSealing(database, { from: OLD.topic, to: NEW.topic, actor: 'me', why: 'more' });
  await recordEnds(database, OLD.topic, [10n, 10n, 10n]);
  const places = { consumerGroup: GROUP, from: OLD.topic, to: NEW.topic, owner: 'the test' };
  const partition = (one: string) => partitionOf(one, NEW.partitions);
  return moveGeneration(database, { ...places, partitionOf: partition, ...more }, { applicationName: 'mover' });
}

/** What a relay has that sends effects of the old topic. */
async function relay(): Promise<{ shardOf(repository: number): Shard }> {
  await ensureShards(database);
  const taken = await takeShards(database, RELAY.owner, 60_000, 10);
  const shards = taken.map(({ shard }) => shard);
  return { shardOf: (repository) => shards.find(({ partition }) => partition === oldPartition(repository)) as Shard };
}

const sent = (shard: Shard, effectId: string) => ({ shard, effectId, end: { state: 'sent' as const, result: null } });

describe('moveGeneration', () => {
  it('gives effects the partition that their key has in the new topic, as they are, in their order', async () => {
    const repositories = [1, 2, 3, 4, 5, 6];
    for (const repository of repositories) await giveEffects(repository, ['b', 'a', 'c']);
    await database.query(`update hookline.outbox set state = 'dead', reason = 'refused' where effect_key = 'a'`);
    const kept = `select effect_id, position, state, attempts, due_at, request from hookline.outbox order by position`;
    const before = await rows(kept);
    expect(await move()).toMatchObject({ success: true, moved: { effects: 18 } });
    expect(await rows(kept)).toEqual(before);
    expect(
      await rows(
        `select ordering_key, kafka_partition, string_agg(effect_key, ' ' order by position) as keys
           from hookline.outbox where topic = 'log.g2' group by 1, 2 order by 1`,
      ),
    ).toEqual(
      repositories.map((repository) => ({
        ordering_key: key(repository),
        kafka_partition: partitionOf(key(repository), NEW.partitions),
        keys: 'b a c',
      })),
    );
  });

  it('keeps the place of each delivery apart from those of the new log, and tells which it was', async () => {
    await giveEffects(1, ['a', 'b']);
    await move();
    expect(
      await rows(
        `select former.topic, former.kafka_partition, former.former_incarnation, kafka_offset::int as "offset"
           from hookline.outbox join hookline.former_logs former using (incarnation) order by position`,
      ),
    ).toEqual(
      [0, 1].map((offset) => ({ topic: 'log', kafka_partition: oldPartition(1), former_incarnation: 1, offset })),
    );
  });

  it('leaves what is settled where it was: it is known by its id', async () => {
    const [id] = await giveEffects(1, ['a']);
    const { shardOf } = await relay();
    await claimAttempts(database, RELAY, [{ shard: shardOf(1), effectIds: [id as string] }]);
    await settleAttempts(database, RELAY, [sent(shardOf(1), id as string)]);
    expect(await move()).toMatchObject({ moved: { effects: 0 } });
    expect(await rows('select effect_id, topic from hookline.settled_effects')).toEqual([
      { effect_id: id, topic: 'log' },
    ]);
  });

  // Whoever takes the new shard finds an attempt that has not ended; the relay that began it must not say how it did.
  it('takes effects that are being sent from their relay: what it says of them later is not written', async () => {
    const [sending, waiting] = await giveEffects(1, ['sending', 'waiting']);
    const { shardOf } = await relay();
    await claimAttempts(database, RELAY, [{ shard: shardOf(1), effectIds: [sending as string] }]);
    expect(await move()).toMatchObject({ success: true });
    expect(await settleAttempts(database, RELAY, [sent(shardOf(1), sending as string)])).toEqual([shardOf(1)]);
    const { claimed } = await claimAttempts(database, RELAY, [{ shard: shardOf(1), effectIds: [waiting as string] }]);
    expect(claimed).toEqual([]);
    expect(
      await rows(
        `select effect_key, state, attempts, attempt_ends_at is null as ended, topic from hookline.outbox order by position`,
      ),
    ).toEqual([
      { effect_key: 'sending', state: 'sending', attempts: 1, ended: false, topic: 'log.g2' },
      { effect_key: 'waiting', state: 'waiting', attempts: 0, ended: true, topic: 'log.g2' },
    ]);
  });

  it('waits for a relay that is writing what became of an attempt', async () => {
    const [id] = await giveEffects(1, ['a']);
    const { shardOf } = await relay();
    const shard = shardOf(1);
    await claimAttempts(database, RELAY, [{ shard, effectIds: [id as string] }]);
    const moved = await transaction(database, {}, async (tx) => {
      // As `lockShards` does.
      await tx.query('select from hookline.outbox_shards where kafka_partition = $1 for key share', [shard.partition]);
      const moving = move();
      await waitingForLock(database, 'mover');
      await tx.query('delete from hookline.outbox where effect_id = $1', [id]);
      return commit({ moving });
    });
    expect(await moved.moving).toMatchObject({ success: true, moved: { effects: 0 } });
  });

  it('leaves no relay anything to take of the old topic', async () => {
    await giveEffects(1, ['a']);
    await move();
    await ensureShards(database);
    const taken = await takeShards(database, RELAY.owner, 60_000, 10);
    expect(taken.filter(({ shard }) => shard.topic === OLD.topic)).toEqual([]);
  });

  // Made by a relay that had looked for missing ones before the move.
  it('fences out a shard of the old topic that is made for the first time meanwhile', async () => {
    await giveEffects(1, ['a']);
    await move();
    expect(await rows(`select distinct epoch from hookline.outbox_shards where topic = 'log'`)).toEqual([
      { epoch: '1' },
    ]);
  });
});

describe('moveGeneration, to another key rule', () => {
  const newKeyOf = () => 'github.com/owner/1';

  it('waits until effects are sent, since nobody can tell their new key; what is dead keeps its own', async () => {
    const [, , dead] = await giveEffects(1, ['waiting', 'sending', 'dead']);
    await database.query(
      `update hookline.outbox set state = 'sending', attempt_started_at = now(), attempt_ends_at = now()
        where effect_key = 'sending'`,
    );
    await database.query(`update hookline.outbox set state = 'dead', reason = 'refused' where effect_key = 'dead'`);
    expect(await move({ newKeyOf })).toEqual({ success: false, reason: 'NOT_SENT', effects: 2 });
    expect(await rows(`select distinct topic from hookline.outbox`)).toEqual([{ topic: 'log' }]);
    await database.query(`delete from hookline.outbox where state <> 'dead'`);
    const { from, to } = { from: OLD.topic, to: NEW.topic };
    const again = { consumerGroup: GROUP, from, to, owner: 'the test', newKeyOf };
    expect(
      await moveGeneration(database, { ...again, partitionOf: (one) => partitionOf(one, NEW.partitions) }),
    ).toMatchObject({ success: true, moved: { effects: 1 } });
    expect(await rows('select effect_id, ordering_key, topic, kafka_partition from hookline.outbox')).toEqual([
      { effect_id: dead, ordering_key: key(1), topic: 'log.g2', kafka_partition: partitionOf(key(1), NEW.partitions) },
    ]);
  });
});
