import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ownStack, type Stack } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import { createDatabaseAt, dropDatabaseAt } from '../create-database.ts';
import type { Database } from '../database.ts';
import { migrateDown, migrateUp } from '../migrate.ts';
import { waitingForLock } from '../testing/backends.ts';
import { readGrants } from '../testing/role-grants.ts';
import { commit, transaction } from '../transaction.ts';

// Roles are the whole server's: what is shown of them needs one that no other test uses.
const ROLES = ['hookline_handlers', 'hookline_ingest', 'hookline_operator', 'hookline_processor', 'hookline_relay'];
const NAMES = ['one', 'two', 'three', 'four'];

let stack: Stack;
let server: Database;
let urls: string[];

beforeAll(async () => {
  stack = await ownStack({ parts: ['postgres'] });
  server = connectTo(stack.addresses.databaseUrl);
}, 120_000);
afterAll(async () => {
  await server.close();
  await stack.stop();
});
beforeEach(async () => {
  urls = await Promise.all(NAMES.map((name) => createDatabaseAt(stack.addresses.databaseUrl, name)));
});
afterEach(async () => {
  for (const name of NAMES) await dropDatabaseAt(stack.addresses.databaseUrl, name);
  await server.query(`drop role if exists ${ROLES.join(', ')}, owner, stranger`);
});

async function roles(): Promise<string[]> {
  const { rows } = await server.query<{ name: string }>(
    `select rolname as name from pg_roles where rolname like 'hookline%' and not rolcanlogin and not rolsuper order by 1`,
  );
  return rows.map(({ name }) => name);
}

async function inDatabase<T>(url: string, work: (database: Database) => Promise<T>): Promise<T> {
  const database = connectTo(url);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** The first database, as an owner who is no superuser. */
async function asOwner(attributes: string): Promise<string> {
  await server.query(`create role owner login password 'owner' ${attributes}`);
  await server.query('alter database one owner to owner');
  const url = new URL(urls[0] as string);
  url.username = url.password = 'owner';
  return url.href;
}

describe('the roles of a server', () => {
  it('are made once, when four of its databases are migrated at the same time', async () => {
    expect(await roles()).toEqual([]);
    await Promise.all(urls.map((url) => migrateUp(url)));
    expect(await roles()).toEqual(ROLES);
    const [first, ...others] = await Promise.all(urls.map((url) => inDatabase(url, readGrants)));
    expect(first?.length).toBeGreaterThan(20);
    for (const grants of others) expect(grants).toEqual(first);
  });

  it('that another one makes at this very moment are waited for, and used', async () => {
    const [url] = urls as [string];
    let migrating: Promise<string[]> | undefined;
    await transaction(server, {}, async (other) => {
      for (const role of ROLES) await other.query(`create role ${role} nologin`);
      migrating = migrateUp(url);
      await inDatabase(url, (database) => waitingForLock(database, 'hookline migrate'));
      return commit(null);
    });
    expect(await migrating).toContain('0014_roles');
    expect((await inDatabase(url, readGrants)).length).toBeGreaterThan(20);
  });

  it('are made by an owner that may create roles, who can grant them then', async () => {
    const url = await asOwner('createrole');
    await migrateUp(url);
    expect(await roles()).toEqual(ROLES);
    await inDatabase(url, async (database) => {
      await database.query('create role stranger login');
      for (const role of ROLES) await database.query(`grant ${role} to stranger`);
    });
  });

  it('that the owner may not make are named, with what an administrator has to run; then it goes on', async () => {
    const url = await asOwner('');
    const { message } = (await migrateUp(url).catch((error: unknown) => error)) as Error;
    expect(message).toBe(
      'Migration 0014_roles failed, and nothing has changed: role owner may not create roles, and these are missing. Have an ' +
        'administrator run, once for all databases of the server: create role hookline_handlers nologin; create role ' +
        'hookline_ingest nologin; create role hookline_operator nologin; create role hookline_processor nologin; create role hookline_relay nologin.',
    );
    await server.query(/: (create role .*)\.$/.exec(message)?.[1] ?? '');
    await migrateUp(url);
    expect((await inDatabase(url, readGrants)).length).toBeGreaterThan(20);
  });

  it('stay, with the rights of other databases and the memberships of logins, when one database is migrated down', async () => {
    const [one, two] = urls as [string, string];
    await migrateUp(one);
    await migrateUp(two);
    await server.query('create role stranger login; grant hookline_processor to stranger');
    const before = await inDatabase(two, readGrants);
    await migrateDown(one, { all: true });
    expect(await roles()).toEqual(ROLES);
    expect(await inDatabase(two, readGrants)).toEqual(before);
    expect(await inDatabase(one, readGrants)).toEqual([]);
    expect((await server.query(`select where pg_has_role('stranger', 'hookline_processor', 'member')`)).rowCount).toBe(
      1,
    );
    await migrateUp(one);
    expect(await inDatabase(one, readGrants)).toEqual(before);
  });
});

describe("the schema of users' handlers", () => {
  it('is not dropped while anything is in it', async () => {
    const [url] = urls as [string];
    await migrateUp(url);
    await inDatabase(url, async (database) => {
      await database.query('set role hookline_handlers; create table deployments (n integer); reset role');
      await migrateDown(url, { all: true });
      expect((await database.query('select from hookline_handlers.deployments')).rowCount).toBe(0);
      await migrateUp(url);
      await database.query('drop table hookline_handlers.deployments');
      await migrateDown(url, { all: true });
      expect((await database.query(`select where to_regnamespace('hookline_handlers') is null`)).rowCount).toBe(1);
    });
  });

  it('that the owner may not make is named, with what an administrator has to run', async () => {
    const url = await asOwner('createrole');
    await server.query('alter database one owner to postgres');
    await inDatabase(urls[0] as string, (database) => database.query('create schema hookline authorization owner'));
    await expect(migrateUp(url)).rejects.toThrow(
      'role owner may not create schemas, and hookline_handlers is missing. Have an administrator run: create schema ' +
        'hookline_handlers authorization owner.',
    );
    await inDatabase(urls[0] as string, (database) =>
      database.query('create schema hookline_handlers authorization owner'),
    );
    await migrateUp(url);
  });

  it("that is somebody else's is used, once its owner has let the handlers in", async () => {
    const url = await asOwner('createrole');
    await inDatabase(urls[0] as string, async (database) => {
      await database.query('create schema hookline_handlers');
      await expect(migrateUp(url)).rejects.toThrow(
        `the schema hookline_handlers is another role's. Have that one run: grant usage, create on schema hookline_handlers to ` +
          'hookline_handlers.',
      );
      await database.query(
        'create role hookline_handlers; grant usage on schema hookline_handlers to hookline_handlers',
      );
    });
    await migrateUp(url);
  });
});
