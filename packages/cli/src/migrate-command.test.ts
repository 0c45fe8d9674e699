import { readdirSync } from 'node:fs';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createDatabaseAt, dropDatabaseAt } from '@hookline/database';
import { testStack } from '@hookline/local-stack';
import { HAS_TERMINAL, runAtTerminal } from './testing/at-terminal.ts';
import { runHere } from './testing/run-here.ts';
import { runHookline, type Ran } from './testing/run-hookline.ts';
import { withDatabase } from './with-database.ts';

const ALL = readdirSync(new URL('../../../migrations', import.meta.url))
  .filter((file) => file.endsWith('.up.sql'))
  .map((file) => file.slice(0, -'.up.sql'.length))
  .toSorted((one, other) => one.localeCompare(other));
const NAME = 'test_hookline_migrate';

let url: string;

beforeEach(async () => {
  const { databaseUrl } = await testStack();
  await dropDatabaseAt(databaseUrl, NAME);
  url = await createDatabaseAt(databaseUrl, NAME);
});
afterAll(async () => {
  await dropDatabaseAt((await testStack()).databaseUrl, NAME);
});

const migrate = (...args: string[]): Promise<Ran> => runHere(['migrate', ...args], { HOOKLINE_DATABASE_URL: url });

/** The same in a process of its own. */
const start = (...args: string[]): Promise<Ran> => runHookline(['migrate', ...args], { HOOKLINE_DATABASE_URL: url });

const lines = (names: string[]) => names.map((name) => `${name}\n`).join('');

describe('hookline migrate', () => {
  it('up prints what it applied, makes ranges ahead, and is safe to run again', async () => {
    expect(await migrate('up')).toEqual({
      exitCode: 0,
      stdout: lines(ALL),
      stderr: expect.stringMatching(`^Applied ${ALL.length} migrations; made [1-9]\\d* ranges ahead\\.\n$`),
    });
    expect(await migrate('up')).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'Nothing to apply; made 0 ranges ahead.\n',
    });
  });

  it('up by two at once applies each migration once, and both succeed: replicas of one release start together', async () => {
    const runs = await Promise.all([start('up'), start('up')]);
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(runs.map(({ stdout }) => stdout).join('')).toBe(lines(ALL));
  });

  it('status tells what is applied and what is pending, for people and for programs', async () => {
    expect(await migrate('status', '--json')).toEqual({
      exitCode: 0,
      stdout: `${JSON.stringify({ applied: [], pending: ALL })}\n`,
      stderr: '',
    });
    await migrate('up');
    await migrate('down', '--yes');
    const { stdout } = await migrate('status');
    expect(stdout).toBe(ALL.map((name, i) => `${i === ALL.length - 1 ? 'pending ' : 'applied '} ${name}\n`).join(''));
  });

  it('down shows a plan and asks; where nobody can answer, nothing is undone', async () => {
    await migrate('up');
    const one = await start('down');
    expect(one).toMatchObject({ exitCode: 2, stdout: '' });
    expect(one.stderr).toMatch(/^Undo 1 migration of .*, the last one first:\n {2}\d{4}_\w+\nWhat .* gone for good/);
    expect(one.stderr).toContain('Add --yes to confirm');
    const all = await start('down', '--all');
    expect(all).toMatchObject({ exitCode: 2, stdout: '' });
    expect(all.stderr.split('\n').slice(1, ALL.length + 1)).toEqual(ALL.map((name) => `  ${name}`).toReversed());
    const { stdout } = await migrate('status', '--json');
    expect(JSON.parse(stdout)).toEqual({ applied: ALL, pending: [] });
  });

  (HAS_TERMINAL ? it.each : it.skip.each)([
    ['n\r', 1, 'Nothing was changed.', ALL],
    ['y\r', 0, 'Undid 1 migration.', ALL.slice(0, -1)],
  ])('down at a terminal, answered by %j, ends with %i: %s', async (keys, exitCode, said, applied) => {
    await migrate('up');
    const asked = await runAtTerminal(['migrate', 'down'], { HOOKLINE_DATABASE_URL: url }, { keys });
    expect(asked).toEqual({ exitCode, screen: expect.stringContaining(said) });
    expect(JSON.parse((await migrate('status', '--json')).stdout)).toMatchObject({ applied });
  });

  it('down undoes the last one, or all of them, and then has nothing to do', async () => {
    await migrate('up');
    expect(await start('down', '--yes')).toEqual({
      exitCode: 0,
      stdout: lines(ALL.slice(-1)),
      stderr: expect.stringMatching(/\nUndid 1 migration\.\n$/),
    });
    expect(await migrate('down', '--all', '--yes')).toEqual({
      exitCode: 0,
      stdout: lines(ALL.slice(0, -1).toReversed()),
      stderr: expect.stringMatching(new RegExp(`\nUndid ${ALL.length - 1} migrations\\.\n$`)),
    });
    expect(await migrate('down')).toEqual({ exitCode: 0, stdout: '', stderr: 'Nothing to undo.\n' });
  });

  it('up and down print JSON for programs', async () => {
    const up = JSON.parse((await migrate('up', '--json')).stdout) as { applied: string[]; ranges: string[] };
    expect(up).toEqual({ applied: ALL, ranges: expect.arrayContaining([expect.stringMatching(/^audit_log_/)]) });
    const down = await migrate('down', '--yes', '--json');
    expect(JSON.parse(down.stdout)).toEqual({ undone: ALL.slice(-1) });
  });

  it.each([['up'], ['status'], ['down', '--yes']])(
    '%s tells in one line that there is no database',
    async (...args) => {
      const away = await runHookline(['migrate', ...args], {
        HOOKLINE_DATABASE_URL: 'postgres://u:hunter2@127.0.0.1:1/n',
      });
      expect(away).toEqual({
        exitCode: 1,
        stdout: '',
        stderr:
          'DATABASE_UNAVAILABLE: The database at postgres://u:***@127.0.0.1:1/n cannot be used: connect ECONNREFUSED ' +
          '127.0.0.1:1. Check that it runs and that HOOKLINE_DATABASE_URL names it.\n',
      });
    },
  );

  it('tells of a database that does not exist in the words of the server', async () => {
    await dropDatabaseAt((await testStack()).databaseUrl, NAME);
    const { exitCode, stderr } = await migrate('up');
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`database "${NAME}" does not exist`);
  });
});

describe('a connection for one piece of work', () => {
  it('is closed after it, also when that fails', async () => {
    const pids: number[] = [];
    const failing = withDatabase({ databaseUrl: url }, async (database) => {
      const { rows } = await database.query<{ pid: number }>('select pg_backend_pid() as pid');
      pids.push(...rows.map(({ pid }) => pid));
      throw new Error('a bug');
    });
    await expect(failing).rejects.toThrow('a bug');
    expect(pids.length).toBe(1);
    // A session that was still there would keep the database from being dropped without force.
    const { databaseUrl } = await testStack();
    await withDatabase({ databaseUrl }, async (database) => {
      for (let alive = 1; alive > 0;) {
        alive = (await database.query('select from pg_stat_activity where pid = $1', pids)).rowCount;
      }
    });
  });
});
