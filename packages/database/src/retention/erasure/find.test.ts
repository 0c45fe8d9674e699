import { describe, expect, it } from '@jest/globals';
import { giveDead } from '../../testing/dead.ts';
import { BY, FOREIGN, KEY, MINE, OTHER, erasureDatabase } from '../../testing/erasure.ts';
import { PLACE } from '../../testing/partitions.ts';
import { giveHeld, giveLane } from '../../testing/waiting.ts';
import { blankAudit } from './blank-audit.ts';
import { noteErasedKey } from './erase.ts';
import { findKeys } from './find-keys.ts';
import { findTargetsOfKey, scanTargets } from './find-targets.ts';

const database = erasureDatabase();

describe('scanTargets', () => {
  it('reads every body that there is, a few at a time, and tells how far it is', async () => {
    for (let offset = 0n; offset < 45n; offset++) {
      const body = offset % 3n === 0n ? MINE : FOREIGN;
      await giveDead(database, { offset, body, letters: offset === 0n ? [{ state: 'dead' }] : [] });
    }
    await giveLane(database, OTHER, [MINE]);
    await giveHeld(database, OTHER, { body: MINE });
    await giveDead(database, { offset: 99n, body: MINE, letters: [] });
    await database.query(
      `update hookline.dead_deliveries set body = null, body_encoding = null where kafka_offset = 99`,
    );
    const told: number[] = [];
    const found = await scanTargets(
      database,
      ({ body }) => body.bytes.equals(MINE),
      (scanned) => told.push(scanned),
    );
    expect(found.map(({ where }) => where)).toEqual([...Array<string>(15).fill('dead'), 'lane', 'held']);
    expect(found.filter((target) => target.where === 'dead' && target.openLetters > 0)).toHaveLength(1);
    expect(told).toEqual([20, 40]);
  });
});

describe('findKeys', () => {
  it('finds the keys of an id in every namespace, wherever something is known of them, and no longer ids', async () => {
    await giveLane(database, KEY, [MINE]);
    await giveLane(database, OTHER, [MINE]);
    await giveHeld(database, 'ghes.example/repository/1', { body: MINE });
    await noteErasedKey(database, PLACE, 'other.example/repository/1', BY);
    expect(await findKeys(database, 'repository', '1')).toEqual([
      'ghes.example/repository/1',
      KEY,
      'other.example/repository/1',
    ]);
    expect(await findKeys(database, 'sender', '1')).toEqual([]);
  });
});

// By the key rule `owner` a key is of many repositories: all of them would be erased for one, or none.
describe('a repository whose deliveries have the key of its owner', () => {
  const named = [
    ['5', 'github.com/owner/70'],
    ['6', 'github.com/owner/70'],
    ['5', 'ghes.example/owner/70'],
  ] as const;

  it('is found by its id, with what is its own', async () => {
    for (const [nth, [repository, orderingKey]] of named.entries()) {
      await giveDead(database, { offset: BigInt(nth), orderingKey, letters: [] });
      await database.query('update hookline.dead_deliveries set repository_id = $1 where kafka_offset = $2', [
        repository,
        nth,
      ]);
    }
    expect(await findKeys(database, 'repository', '5')).toEqual([
      'ghes.example/repository/5',
      'github.com/repository/5',
    ]);
    const offsetsOf = async (key: string) =>
      (await findTargetsOfKey(database, key)).map((target) => target.where === 'dead' && Number(target.offset));
    expect(await offsetsOf('github.com/repository/5')).toEqual([0]);
    expect(await offsetsOf('github.com/owner/70')).toEqual([0, 1]);
  });

  it('is known to the audit after its deliveries have gone', async () => {
    const entries = named.map(
      ([repository, key]) => `('log', 'parked', 't', 0, 1, 1, '${key}', 'a name', '${repository}')`,
    );
    await database.query(
      `insert into hookline.audit_log
              (stage, decision, topic, kafka_partition, kafka_offset, epoch, ordering_key, detail, repository_id)
       values ${entries.join(', ')}`,
    );
    expect(await findKeys(database, 'repository', '6')).toEqual(['github.com/repository/6']);
    expect(await blankAudit(database, { orderingKey: 'github.com/repository/5' })).toBe(1);
    const { rows } = await database.query('select detail from hookline.audit_log order by audit_id');
    expect(rows).toEqual(['(erased)', 'a name', 'a name'].map((detail) => ({ detail })));
  });
});
