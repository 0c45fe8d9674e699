import { describe, expect, it } from '@jest/globals';
import { ownDatabase } from '../testing/own-database.ts';
import { bigintArray, byteaArray, integerArray, textArray, timestamptzArray, uuidArray } from './typed-arrays.ts';

const database = ownDatabase();

async function told(type: string, parameter: Buffer): Promise<(string | null)[]> {
  const element = type === 'timestamptz' ? `element at time zone 'UTC'` : 'element';
  const { rows } = await database.query<{ element: string | null }>(
    `select (${element})::text as element from unnest($1::${type}[]) with ordinality as each (element, n) order by n`,
    [parameter],
  );
  return rows.map(({ element }) => element);
}

const GUID = '0b989ba4-242f-11e5-81e1-c7b6966d2516';

describe('an array in binary', () => {
  it.each<[string, Buffer, (string | null)[]]>([
    ['uuid', uuidArray([GUID, null, GUID.toUpperCase(), GUID]), [GUID, null, GUID, GUID]],
    [
      'bytea',
      byteaArray([Buffer.of(0, 0xff, 0x5c), Buffer.alloc(0), undefined]),
      [String.raw`\x00ff5c`, String.raw`\x`, null],
    ],
    ['text', textArray(['', 'ünï 🪝', null, 'a"b\\c,{}', 'NULL']), ['', 'ünï 🪝', null, 'a"b\\c,{}', 'NULL']],
    ['integer', integerArray([0, -1, 2_147_483_647, null]), ['0', '-1', '2147483647', null]],
    ['bigint', bigintArray([9_007_199_254_740_993n, -1n, 7, null]), ['9007199254740993', '-1', '7', null]],
    [
      'timestamptz',
      timestamptzArray([0, Date.UTC(2026, 5, 1, 1, 2, 3, 4), 253_402_300_799_999, null]),
      ['1970-01-01 00:00:00', '2026-06-01 01:02:03.004', '9999-12-31 23:59:59.999', null],
    ],
    ['text', textArray([]), []],
    [
      'text',
      textArray(['same', 'same', null, 'same', 'other', 'same']),
      ['same', 'same', null, 'same', 'other', 'same'],
    ],
  ])('of %s is taken for what was given', async (type, parameter, expected) => {
    expect(await told(type, parameter)).toEqual(expected);
  });

  it.each(['', GUID.slice(1), `${GUID}0`, GUID.replace('-', '0'), GUID.replace('b', 'g'), GUID.replace('b', 'é')])(
    'of UUIDs does not take %j for one',
    (text) => {
      expect(() => uuidArray([text])).toThrow(RangeError);
    },
  );

  it('refuses numbers that do not fit', () => {
    expect(() => integerArray([2 ** 31])).toThrow(/out of range/);
    expect(() => bigintArray([2n ** 63n])).toThrow(/out of range/);
  });

  it('of another type than the statement says is refused by the server', async () => {
    await expect(told('text', uuidArray([GUID]))).rejects.toThrow(/wrong element type|element type/);
  });

  it('with NUL in a text is refused by the server', async () => {
    await expect(told('text', textArray(['a\0b']))).rejects.toThrow(/invalid byte sequence/);
  });
});
