import { uuidArray } from '@hookline/database';
import { testDatabase } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import { expect, it } from '@jest/globals';
import { keep, sendable } from './recorded-slices.ts';

it('is what the server takes for the same value', async () => {
  const database = connectTo((await testDatabase()).url);
  const values = [
    ['uuid[]', ['00000000-0000-4000-8000-000000000001']],
    ['bytea[]', [Buffer.from([0, 255, 92]), Buffer.alloc(0)]],
    ['text[]', ['plain', 'with "quotes", a \\ and {braces}', '', 'NULL', null]],
    ['bigint[]', [9_007_199_254_740_993n]],
    ['timestamptz[]', [new Date(1_700_000_000_123), null]],
    ['bytea', Buffer.from('one')],
    ['timestamptz', new Date(0)],
    ['integer', 7],
    ['text', null],
    ['uuid[]', uuidArray(['00000000-0000-4000-8000-000000000001', null])],
  ] as const;
  for (const [type, value] of values) {
    const { rows } = await database.query(`select $1::${type} is not distinct from $2::${type} as same`, [
      sendable(keep(value)),
      value,
    ]);
    expect([type, rows]).toEqual([type, [{ same: true }]]);
  }
  await database.close();
});
