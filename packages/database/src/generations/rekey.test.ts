import { beforeEach, describe, expect, it } from '@jest/globals';
import { partitionOf } from '@hookline/contracts';
import { runDeadAgain } from '../dead-letters/run-dead-again.ts';
import { holdLane } from '../lanes/hold-lane.ts';
import {
  fence,
  GROUP,
  key,
  OLD,
  oldGenerationIn,
  beginOldGeneration,
  oldPartition,
} from '../testing/old-generation.ts';
import { ownDatabase } from '../testing/own-database.ts';
import { beginSealing, recordEnds } from './end-generation.ts';
import type { KeyedDelivery } from './generation-move.ts';
import { moveGeneration, type MoveEnd } from './move-generation.ts';
import { prepareGeneration } from './prepare-generation.ts';
import { readEmptyHolds } from './read-empty-holds.ts';

const NEW = { topic: 'log.g2', generation: 2, partitions: 5, keyRule: 'owner' } as const;

/** Repositories 1 to 3 have the owner 1, others are their own. */
const ownerOf = (repository: number) => (repository <= 3 ? 1 : repository);
const ownerKey = (owner: number) => `github.com/owner/${owner}`;
const byOwner = ({ orderingKey }: KeyedDelivery) => ownerKey(ownerOf(Number(orderingKey.split('/').at(-1))));

const database = ownDatabase();
const { giveDead, giveHeld, giveLane } = oldGenerationIn(database);

const rows = async (sql: string): Promise<Record<string, unknown>[]> => (await database.query(sql)).rows;

beforeEach(() => beginOldGeneration(database));

async function moveToOwners(newKeyOf: (stored: KeyedDelivery) => string = byOwner): Promise<MoveEnd> {
  expect(await prepareGeneration(database, OLD.topic, NEW)).toEqual({ success: true });
  await beginSealing(database, { from: OLD.topic, to: NEW.topic, actor: 'me', why: 'owners' });
  await recordEnds(database, OLD.topic, [10n, 10n, 10n]);
  return moveGeneration(database, {
    consumerGroup: GROUP,
    from: OLD.topic,
    to: NEW.topic,
    partitionOf: (one) => partitionOf(one, NEW.partitions),
    newKeyOf,
    owner: 'the test',
  });
}

/** The offset of a record tells the repository: 100 times it, and which one. Rows of a lane with a lower one come first. */
const offsets = (repository: number, ...nths: number[]) => nths.map((nth) => BigInt(repository * 100 + nth));

describe('moveGeneration, to another key rule', () => {
  it('makes lanes of repositories one of their owner, in the order of each, by the time of the log', async () => {
    await giveLane(1, offsets(1, 1, 4));
    await giveLane(2, offsets(2, 2, 3));
    await giveLane(4, offsets(4, 1));
    // 101 and 203 are the first and the last.
    await database.query(
      `update hookline.lane_deliveries set appended_at = timestamptz '2026-01-01' + (kafka_offset % 100) * interval '1 s'`,
    );
    await database.query(`update hookline.lanes set attempts = case ordering_key when '${key(1)}' then 7 else 3 end`);
    expect(await moveToOwners()).toMatchObject({ success: true, moved: { lanes: 2, waiting: 5 } });
    const lanes = await rows(
      `select lane.ordering_key as key, lane.topic, lane.kafka_partition as p, attempts, state,
              records::int, next_position - head_position as positions,
              lane.bytes = sum(octet_length(body)) as "countsBytes",
              min(position) = head_position and max(position) = next_position - 1 as "hasNoGaps",
              string_agg(kafka_offset::text, ' ' order by position) as offsets,
              count(distinct waiting.kafka_partition) = 1 as "isInOne"
         from hookline.lanes lane join hookline.lane_deliveries waiting
        using (consumer_group, topic, kafka_partition, ordering_key)
        group by lane.consumer_group, lane.topic, lane.kafka_partition, lane.ordering_key order by key`,
    );
    const same = { topic: 'log.g2', state: 'retrying', countsBytes: true, hasNoGaps: true, isInOne: true };
    const partition = (owner: number) => partitionOf(ownerKey(owner), NEW.partitions);
    expect(lanes).toEqual([
      {
        key: ownerKey(1),
        p: partition(1),
        attempts: 7,
        records: 4,
        positions: '4',
        offsets: '101 202 203 104',
        ...same,
      },
      { key: ownerKey(4), p: partition(4), attempts: 3, records: 1, positions: '1', offsets: '401', ...same },
    ]);
    expect(await rows('select from hookline.lane_deliveries')).toHaveLength(5);
  });

  it('splits the lane of an owner again, and keeps the order of each part', async () => {
    await giveLane(7, offsets(7, 1, 2, 3, 4));
    const byParity = ({ orderingKey, body }: KeyedDelivery) =>
      `${orderingKey}/${parity.get(body.bytes.toString('hex'))}`;
    const parity = new Map(
      (await rows('select kafka_offset::int as n, body from hookline.lane_deliveries')).map((row) => [
        (row['body'] as Buffer).toString('hex'),
        Number(row['n']) % 2,
      ]),
    );
    await holdLane(database, fence(oldPartition(7)), key(7));
    expect(await moveToOwners(byParity)).toMatchObject({ success: true, moved: { lanes: 2, waiting: 4 } });
    expect(
      await rows(`select right(ordering_key, 1) as n, state, attempts, records::int,
                         (select string_agg(kafka_offset::text, ' ' order by position)
                            from hookline.lane_deliveries waiting
                           where waiting.ordering_key = lane.ordering_key
                             and waiting.kafka_partition = lane.kafka_partition) as offsets
                    from hookline.lanes lane order by n`),
    ).toEqual([
      { n: '0', state: 'held', attempts: 0, records: 2, offsets: '702 704' },
      { n: '1', state: 'held', attempts: 2, records: 2, offsets: '701 703' },
    ]);
  });

  it('holds the merged lane where an operator has held one of its lanes, and tells of holds that hold nothing', async () => {
    await giveLane(1, offsets(1, 1));
    await giveLane(2, offsets(2, 1));
    await giveLane(9, []);
    for (const repository of [2, 9]) await holdLane(database, fence(oldPartition(repository)), key(repository));
    expect(await readEmptyHolds(database, OLD.topic)).toEqual([key(9)]);
    await moveToOwners();
    expect(await rows('select ordering_key as key, state, records::int from hookline.lanes order by key')).toEqual([
      { key: ownerKey(1), state: 'held', records: 2 },
      { key: key(9), state: 'held', records: 0 },
    ]);
    expect(await readEmptyHolds(database, NEW.topic)).toEqual([key(9)]);
  });

  it('gives what is held and dead its new key, and a run of a dead handler still finds what it is about', async () => {
    for (const repository of [1, 2]) {
      await giveHeld(repository, 3n);
      await giveDead(oldPartition(repository), key(repository), BigInt(repository));
    }
    await giveDead(1, null, 6n);
    await giveLane(2, offsets(2, 1));
    await runDeadAgain(database, fence(oldPartition(2)), [
      {
        run: 'redrive',
        orderingKey: key(2),
        place: { incarnation: 1, offset: 2n },
        handlers: ['welcome'],
        from: 'dead',
        seen: null,
      },
    ]);
    expect(await moveToOwners()).toMatchObject({ success: true, moved: { held: 2, dead: 3, waiting: 2 } });
    const p = partitionOf(ownerKey(1), NEW.partitions);
    for (const table of ['held_deliveries', 'dead_deliveries']) {
      const found = await rows(
        `select distinct ordering_key as key, kafka_partition as p from hookline.${table} where ordering_key is not null`,
      );
      expect({ table, found }).toEqual({ table, found: [{ key: ownerKey(1), p }] });
    }
    expect(
      await rows(
        `select letter.state from hookline.lane_deliveries waiting join hookline.dead_letters letter
             on letter.topic = waiting.topic and letter.kafka_partition = waiting.kafka_partition
            and letter.incarnation = waiting.dead_incarnation and letter.kafka_offset = waiting.dead_offset`,
      ),
    ).toEqual([{ state: 'waiting' }]);
  });

  // What was settled has no body to tell its new key. Held again under that, a later move can bring both together.
  it('keeps one of two rows about the same that come into one partition: the one that is held', async () => {
    await giveHeld(1, 3n);
    await database.query(
      `update hookline.held_deliveries
          set state = 'discarded', settled_at = now(), body = null, body_encoding = null, body_bytes = null`,
    );
    await database.query(
      `insert into hookline.held_deliveries
       select (jsonb_populate_record(held, jsonb_build_object('kafka_partition', (kafka_partition + 1) % 3, 'state', 'held',
                                     'settled_at', null, 'body', '\\x78', 'body_encoding', 'identity', 'body_bytes', 1))).*
         from hookline.held_deliveries held`,
    );
    expect(await moveToOwners(({ orderingKey }) => orderingKey)).toMatchObject({ success: true, moved: { held: 1 } });
    expect(await rows('select state, topic from hookline.held_deliveries')).toEqual([
      { state: 'held', topic: 'log.g2' },
    ]);
  });
});
