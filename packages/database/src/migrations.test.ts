import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import type { Database } from './database.ts';
import { makeRanges } from './make-ranges.ts';
import { migrateDown, migrateUp, migrationStatus } from './migrate.ts';
import { catalogDump } from './testing/catalog-dump.ts';

const DIRECTORY = fileURLToPath(new URL('../../../migrations', import.meta.url));

let own: TestDatabase;
let database: Database;
let files: string[];

beforeAll(async () => {
  own = await testDatabase();
  database = connectTo(own.url);
  files = await readdir(DIRECTORY);
});
afterAll(async () => {
  await database.close();
  await own.drop();
});

describe('the migrations', () => {
  it('are pairs, numbered without a gap, so that their order is beyond doubt', () => {
    const names = (way: string) =>
      files
        .filter((file) => file.endsWith(`.${way}.sql`))
        .map((file) => file.slice(0, -`.${way}.sql`.length))
        .toSorted();
    expect(names('up')).toEqual(names('down'));
    expect(files.length).toBe(2 * names('up').length);
    expect(names('up').map((name) => /^(\d{4})_[a-z][a-z_]*$/.exec(name)?.[1])).toEqual(
      names('up').map((_, i) => String(i + 1).padStart(4, '0')),
    );
  });

  it('each begin with a comment: up says why, down what it cannot bring back', async () => {
    for (const file of files) {
      const text = await readFile(`${DIRECTORY}/${file}`, 'utf8');
      expect({ file, text }).toEqual({
        file,
        text: expect.stringMatching(file.endsWith('.up.sql') ? /^-- Why: \S/ : /^-- (Cannot be undone|Undoes): \S/),
      });
    }
  });

  it('name the schema of everything: poolers in transaction mode keep no search_path', async () => {
    for (const file of files) {
      const sql = (await readFile(`${DIRECTORY}/${file}`, 'utf8')).replaceAll(/--.*$/gm, '');
      const targets = [
        ...sql.matchAll(
          /\b(?:table|sequence|view|function|on(?!\s+(?:schema|sequence|function)\b))\s+(?:if (?:not )?exists\s+)?([a-z_.]+)/gi,
        ),
      ];
      for (const [, target] of targets)
        expect({ file, target }).toEqual({ file, target: expect.stringMatching(/^hookline\./) });
    }
  });

  it('give the same database up, and down and up again, from each of them to the end, with ranges in between', async () => {
    const whole = await catalogDump(database);
    const { applied } = await migrationStatus(own.url);
    expect(applied.length).toBe(files.length / 2);
    for (let depth = 1; depth <= applied.length; depth++) {
      await makeRanges(database);
      for (let step = 0; step < depth; step++) await migrateDown(own.url);
      expect(await migrateUp(own.url)).toEqual(applied.slice(-depth));
      // What is left of the ranges belongs to nobody's schema: it came at run time.
      await dropRanges();
      expect(await catalogDump(database)).toEqual(whole);
    }
  });

  it('leave nothing but the schema and its bookkeeping when all are undone, rows and ranges or not', async () => {
    await makeRanges(database);
    await database.query(`insert into hookline.topic_generations values ('github.deliveries', 1, 24)`);
    const { applied } = await migrationStatus(own.url);
    expect(await migrateDown(own.url, { all: true })).toEqual(applied.toReversed());
    const left = (await catalogDump(database)).filter((line) => line.includes('hookline'));
    expect(left.filter((line) => !line.includes('hookline_migrations'))).toEqual([
      expect.stringMatching(/^schema hookline \{(\w+)=UC\/\1\}$/),
    ]);
    expect(await migrateUp(own.url)).toEqual(applied);
  });
});

async function dropRanges(): Promise<void> {
  const { rows } = await database.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits join pg_class on pg_class.oid = inhrelid where relkind = 'r'`,
  );
  for (const { name } of rows) await database.query(`drop table ${name}`);
}
