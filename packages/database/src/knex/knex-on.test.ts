import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import type { Database, Queryable } from '../database.ts';
import { commit, rollback, transaction } from '../transaction.ts';
import { knexOn, type Knex } from './knex-on.ts';

let own: TestDatabase;
let database: Database;
beforeAll(async () => {
  own = await testDatabase();
  database = connectTo(own.url);
  await database.query('create table notes (id int primary key, note text)');
});
beforeEach(async () => {
  await database.query('truncate notes');
});
afterAll(async () => {
  await database.close();
  await own.drop();
});

const notes = async () => (await database.query('select id, note from notes order by id')).rows;

describe('knex on a transaction', () => {
  it('reads and writes in it: rows are kept or not with it, and nobody else sees them before', async () => {
    for (const end of [rollback, commit]) {
      await transaction(database, {}, async (tx) => {
        const knex = knexOn(tx);
        await knex('notes').insert({ id: 1, note: 'a' });
        expect(await knex('notes').insert({ id: 2, note: 'b' }).returning('id')).toEqual([{ id: 2 }]);
        expect(await knex('notes').where({ id: 2 }).update({ note: 'c' })).toBe(1);
        expect(await knex<{ id: number; note: string }>('notes').where('id', '>', 1).first('note')).toEqual({
          note: 'c',
        });
        expect(await knex('notes').pluck('id').orderBy('id')).toEqual([1, 2]);
        expect((await knex.raw<{ rows: unknown[] }>('select ?::int as n', [5])).rows).toEqual([{ n: 5 }]);
        expect(await knex('notes').where({ id: 1 }).delete()).toBe(1);
        expect(await notes()).toEqual([]);
        return end(null);
      });
    }
    expect(await notes()).toEqual([{ id: 2, note: 'c' }]);
  });

  it('sends what was written and nothing else, over nothing but what it is on', async () => {
    const sent: string[] = [];
    const on: Pick<Queryable, 'query'> = {
      query(text, values) {
        sent.push(text);
        return database.query(text, values);
      },
    };
    await knexOn(on)('notes').insert({ id: 1 });
    expect(sent).toEqual(['insert into "notes" ("id") values ($1)']);
  });

  it('rejects with the error of the server, which the transaction knows of, too', async () => {
    const failing = transaction(database, {}, async (tx) => {
      await expect(knexOn(tx)('no_such_table').select()).rejects.toMatchObject({ code: '42P01' });
      return commit(null);
    });
    await expect(failing).rejects.toThrow('nothing was written');
  });

  it.each<[string, (knex: Knex) => Promise<unknown>, string]>([
    ['a transaction', (knex) => knex.transaction(() => Promise.resolve()), 'has no other: leave transaction() out'],
    ['a batch, which is one', (knex) => knex.batchInsert('notes', [{ id: 1 }]), 'has no other'],
    ['a stream', (knex) => knex('notes').stream().toArray(), 'has no streams'],
  ])('has not %s', async (_, ask, said) => {
    await transaction(database, {}, async (tx) => {
      const knex = knexOn(tx);
      await expect(Promise.resolve().then(() => ask(knex))).rejects.toThrow(said);
      await knex('notes').insert({ id: 3 });
      return commit(null);
    });
    expect(await notes()).toEqual([{ id: 3, note: null }]);
  });

  it('is not ended by destroy: it has no connection', async () => {
    await transaction(database, {}, async (tx) => {
      const knex = knexOn(tx);
      await knex.destroy();
      await knex('notes').insert({ id: 4 });
      return commit(null);
    });
    expect(await notes()).toHaveLength(1);
  });
});
