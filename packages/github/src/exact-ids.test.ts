import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { exactIds } from './exact-ids.ts';

/** Some of what JSON allows between tokens. */
const space = fc.constantFrom('', '', ' ', '\n\t', '\r ');
const key = fc.constantFrom(
  '"repository"',
  '"repos\\u0069tory"',
  '"sender"',
  '"owner"',
  '"id"',
  '"\\u0069d"',
  '"__proto__"',
  '""',
);
const leaf = fc.oneof(
  fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }).map(String),
  fc.constantFrom('9007199254740993', '-0', '1.5', '1e30', '2E+9', 'true', 'null'),
  fc.constantFrom('"7"', '"\\""', '"\\\\"', '"{[,:\\"id\\":1"', '"\\\\\\"}"', '"id"'),
  fc.json({ maxDepth: 1 }),
);
const { object } = fc.letrec<{ value: string; object: string }>((tie) => {
  const spaced = (inner: fc.Arbitrary<string>) => fc.tuple(space, inner, space).map((parts) => parts.join(''));
  const member = fc.tuple(spaced(key), spaced(tie('value'))).map(([name, held]) => `${name}:${held}`);
  return {
    value: fc.oneof({ maxDepth: 4 }, leaf, tie('object'), fc.array(tie('value'), { maxLength: 2 }).map(inBrackets)),
    object: fc.array(member, { maxLength: 5 }).map((members) => `{${members.join(',')}}`),
  };
});

function inBrackets(items: string[]): string {
  return `[${items.join(' , ')}]`;
}

/** The same by JSON.parse, which says the source of a number to its reviver. */
function byReviver(text: string, within?: string): Map<string, string> {
  const sources = new Set<object>();
  const whole = JSON.parse(text, (_key, held: unknown, context?: { source?: string }) => {
    if (typeof held !== 'number') return held;
    const source = { digits: context?.source };
    sources.add(source);
    return source;
  }) as Record<string, unknown>;
  const ids = new Map<string, string>();
  const parsed = within === undefined ? whole : whole[within];
  // A number became the object that tells its source.
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed) || sources.has(parsed)) return ids;
  for (const owner of Object.keys(parsed)) {
    const held = (parsed as Record<string, unknown>)[owner];
    if (typeof held !== 'object' || held === null || !Object.hasOwn(held, 'id')) continue;
    const { id } = held as { id: unknown };
    if (sources.has(id as object)) ids.set(owner, (id as { digits: string }).digits);
  }
  return ids;
}

it.each([
  ['{}', []],
  [
    '{"repository":{"id":1,"id":2},"sender":{"id":3}}',
    [
      ['repository', '2'],
      ['sender', '3'],
    ],
  ],
  ['{"repository":{"id":1},"repository":{"id":null}}', []],
  ['{"repository":{"id":1},"repository":7}', []],
  ['{"repository":{"id":1},"repos\\u0069tory" : { "i\\u0064" : 20 } }', [['repository', '20']]],
  ['{"repository":{"owner":{"id":1}},"sender":[{"id":2}],"id":3}', []],
  ['{"a":"\\"repository\\":{","repository":{"a":"\\\\","id":5}}', [['repository', '5']]],
])('%s', (text, ids) => {
  expect(exactIds(text)).toEqual(new Map(ids as [string, string][]));
});

it('finds what JSON.parse finds, in any text that it accepts', () => {
  fc.assert(
    fc.property(object, (text) => {
      expect(exactIds(text)).toEqual(byReviver(text));
    }),
    { numRuns: 1000 },
  );
});

it('finds the same within an object of it', () => {
  fc.assert(
    fc.property(object, object, (first, second) => {
      const text = `{"a":${first},"repository":${second},"b":${first}}`;
      expect(exactIds(text, 'repository')).toEqual(byReviver(text, 'repository'));
      expect(exactIds(first, 'repository')).toEqual(byReviver(first, 'repository'));
    }),
    { numRuns: 1000 },
  );
});
