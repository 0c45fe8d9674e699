import { beforeAll, describe, expect, it } from '@jest/globals';
import avro, { type Schema } from 'avsc';
import { factsOf } from './facts.ts';
import { lastRelease, ROOT, type Release } from './release.ts';

let before: Release['schemas'];
let now: Release['schemas'];
beforeAll(async () => {
  [before, now] = await Promise.all([
    lastRelease().then(({ schemas }) => schemas),
    factsOf(ROOT).then((it) => it.schemas),
  ]);
});

const typeOf = (schema: object) => avro.Type.forSchema(structuredClone(schema) as Schema);

/** Why the reader cannot read what the writer has written; null: it can. */
function unreadable(reader: object, writer: object): string | null {
  try {
    typeOf(reader).createResolver(typeOf(writer));
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

// Ingests of two releases write into one topic, processors of two releases read it, and a rollback reads what the newer
// release has written.
describe('records of this release and of the last one', () => {
  it('are of the same kinds', () => {
    expect(Object.keys(now)).toEqual(expect.arrayContaining(Object.keys(before)));
  });

  it('can each be read by the other', () => {
    const problems = Object.entries(before).flatMap(([kind, schema]) => [
      { kind, reader: 'this', problem: unreadable(now[kind] as object, schema) },
      { kind, reader: 'last', problem: unreadable(schema, now[kind] as object) },
    ]);
    expect(problems.filter(({ problem }) => problem !== null)).toEqual([]);
  });
});

describe('a schema that breaks the rule', () => {
  const fields = (schema: object) => (schema as { fields: object[] }).fields;

  it.each(['delivery by repository', 'delivery by owner', 'control'])('of a %s is found', (kind) => {
    const schema = now[kind] as object;
    const withField = { ...schema, fields: [...fields(schema), { name: 'later', type: 'string' }] };
    const withoutField = { ...schema, fields: fields(schema).slice(1) };
    expect(unreadable(withField, schema)).toMatch(/later/);
    expect(unreadable(schema, withoutField)).not.toBeNull();
  });
});
