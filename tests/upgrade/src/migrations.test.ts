import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { contractProblem } from './contract-note.ts';
import { contractSteps } from './contract-steps.ts';
import { hashMigrations, lastRelease, ROOT, type Release } from './release.ts';

let release: Release;
let present: Record<string, string>;
beforeAll(async () => {
  [release, present] = await Promise.all([lastRelease(), hashMigrations(ROOT)]);
});

// Services of two releases share a database for as long as an upgrade, or its rollback, takes: the old ones must bear the
// new schema.
describe('a migration since the last release', () => {
  it('takes nothing from the services of that release', async () => {
    const added = Object.keys(present).filter((name) => !(name in release.migrations));
    const problems = await Promise.all(
      added.map(async (name) => {
        const problem = contractProblem(await readFile(join(ROOT, 'migrations', name), 'utf8'), release.version);
        return problem === null ? [] : [`${name} ${problem}`];
      }),
    );
    expect(problems.flat()).toEqual([]);
  });
});

// Databases have applied it: what is changed in it now, they would never get.
it('a migration of the last release is what it was', () => {
  const changed = Object.entries(release.migrations).filter(([name, hash]) => present[name] !== hash);
  expect(changed.map(([name]) => name)).toEqual([]);
});

describe('a step of a migration that takes something away is found', () => {
  it.each([
    'drop table hookline.lanes;',
    'drop index hookline.lanes_due;',
    'alter table hookline.lanes drop column tries',
    'alter table hookline.lanes drop tries',
    'ALTER TABLE hookline.lanes\n  RENAME COLUMN tries TO attempts;',
    'alter table hookline.lanes rename to queues;',
    'alter index hookline.a rename to b;',
    'alter table hookline.lanes set schema other;',
    'alter table hookline.lanes alter column tries set not null;',
    'alter table hookline.lanes alter tries drop default;',
    'alter table hookline.lanes alter column tries type bigint;',
    'alter table hookline.lanes alter column tries set data type bigint;',
    'alter type hookline.pair drop attribute a;',
    'alter table hookline.lanes alter column tries add generated always as identity;',
    'alter table hookline.lanes add column tries integer not null;',
    "alter table hookline.lanes add column a integer, add column b text check (b <> '') not null;",
    'alter table hookline.lanes add constraint few check (tries < 9);',
    'alter table hookline.lanes drop constraint few, add constraint other check (tries < 9);',
    'alter table hookline.lanes add check (tries < 9);',
    'alter table hookline.lanes add primary key (tries);',
    'create unique index lanes_by_tries on hookline.lanes (tries);',
    'create unique index concurrently lanes_by_tries on only hookline.lanes (tries);',
    'revoke select on hookline.lanes from hookline_operator;',
    'truncate hookline.lanes;',
    '/* drop */ select 1; drop view hookline.v;',
  ])('%s', (sql) => {
    expect(contractSteps(sql)).not.toEqual([]);
  });
});

describe('a step that takes nothing away is not', () => {
  it.each([
    'create table hookline.t (a integer not null, unique (a)); alter table hookline.t add constraint c check (a > 0); drop table hookline.t;',
    'create table hookline.t (a integer); create unique index t_a on hookline.t (a);',
    'alter table hookline.lanes add column tried_epoch bigint;',
    'alter table hookline.lanes add column a integer not null default 0;',
    'alter table hookline.lanes add column a integer not null generated always as (tries + 1) stored;',
    'alter table hookline.lanes alter column tries drop not null;',
    "alter table hookline.lanes drop constraint few, add constraint few check (state in ('a', 'b'));",
    'create index lanes_by_tries on hookline.lanes (tries);',
    'grant select on hookline.lanes to hookline_operator;',
    '-- why; drop table hookline.lanes;\nselect 1;',
    "do $$ begin execute 'drop table hookline.lanes'; end $$;",
    "comment on table hookline.lanes is 'drop table; rename';",
  ])('%s', (sql) => {
    expect(contractSteps(sql)).toEqual([]);
  });
});

describe('a step that takes something away needs a note', () => {
  const drop = 'alter table hookline.lanes drop column tries;';

  it.each([
    ['without one', drop, /DROP|drop column/],
    ['of a release that is to come', `-- contract: unused since 0.4.0: told by attempts.\n${drop}`, /0\.4\.0/],
    ['of a release that is no number', `-- contract: unused since then\n${drop}`, /drop column/],
  ])('%s it is refused', (_, sql, problem) => {
    expect(contractProblem(sql, '0.3.9')).toMatch(problem);
  });

  it.each(['0.3.9', '0.3.0', '0.2.10'])('that nothing has used it since a release that has passed: %s', (version) => {
    expect(contractProblem(`-- contract: unused since ${version}: told by attempts.\n${drop}`, '0.3.9')).toBeNull();
  });
});
