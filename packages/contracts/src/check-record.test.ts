import { describe, expect, it } from '@jest/globals';
import { recordProblem } from './check-record.ts';
import type { Delivery } from './envelope.ts';
import { partitionOf } from './partition.ts';

const delivery: Delivery = {
  source: 'main',
  dedupScope: 'main',
  guid: '72d3162e-cc78-11e3-81ab-4c9367dc0958',
  digest: Buffer.alloc(32),
  event: 'issues',
  action: null,
  repositoryId: '1',
  hookId: null,
  receivedAt: 1_700_000_000_000,
  headers: {},
  secretLabel: 'a',
  eventProblem: null,
  body: Buffer.from('{}'),
};
const key = 'github.com/repository/1';
const longKey = 'k'.repeat(1025);
const place = { key, partition: partitionOf(key, 4), partitions: 4 };

describe('recordProblem', () => {
  it('has nothing against what ingest writes', () => {
    expect(recordProblem(delivery, place)).toBeNull();
    expect(recordProblem({ ...delivery, action: 'opened', hookId: '7' }, place)).toBeNull();
  });

  it.each([
    ['no key', {}, { key: null }, 'no key'],
    ['a key of another partition', {}, { partition: (place.partition + 1) % 4 }, 'another partition'],
    ['a GUID that is none', { guid: 'not-a-uuid' }, {}, 'GUID'],
    // Another identity to us, the same to the database: its unique index would refuse the slice for ever.
    ['a GUID in upper case', { guid: delivery.guid.toUpperCase() }, {}, 'GUID'],
    ['a time beyond all calendars', { receivedAt: 9e15 }, {}, 'time'],
    ['a time before 1970', { receivedAt: -1 }, {}, 'time'],
    ['a time that is none', { receivedAt: Number.NaN }, {}, 'time'],
    ['NUL in its action', { action: 'a\u0000b' }, {}, 'action contains NUL'],
    ['NUL in its scope', { dedupScope: '\u0000' }, {}, 'dedupScope contains NUL'],
    // Stored when the delivery waits, and refused by PostgreSQL then.
    ['NUL in its label', { secretLabel: '\u0000' }, {}, 'secretLabel contains NUL'],
    ['NUL in a header', { headers: { 'user-agent': 'a\u0000' } }, {}, 'headers contains NUL'],
    ["NUL in a header's name", { headers: { '\u0000': 'a' } }, {}, 'headers contains NUL'],
    ['a scope that no index can hold', { dedupScope: 'é'.repeat(513) }, {}, 'dedupScope is longer than 1024 bytes'],
    ['a key that no index can hold', {}, { key: longKey, partition: partitionOf(longKey, 4) }, 'key is longer'],
  ])('refuses a record with %s', (_, changes, elsewhere, said) => {
    expect(recordProblem({ ...delivery, ...changes }, { ...place, ...elsewhere })).toContain(said);
  });
});
