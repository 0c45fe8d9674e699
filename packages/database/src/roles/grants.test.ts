import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Control } from '@hookline/contracts';
import { serviceUrls, testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import { claimIdentities } from '../claim-identities.ts';
import type { Database } from '../database.ts';
import { requestResume } from '../halts/request-resume.ts';
import { makeRanges } from '../make-ranges.ts';
import { writeCommands } from '../operators/write-commands.ts';
import { auditEntry, claim } from '../testing/deliveries.ts';
import { PLACE } from '../testing/partitions.ts';
import { GRANTED_ROLES, grantsTable, readGrants, readObjects } from '../testing/role-grants.ts';
import { writeAudit } from '../write-audit.ts';

const PAGE = fileURLToPath(new URL('../../../../docs/operating/database-roles.md', import.meta.url));
const APPEND_ONLY = ['audit_log', 'processed_deliveries', 'settled_effects'];

let own: TestDatabase;
let owner: Database;
let services: Record<keyof TestDatabase['services'], Database>;

beforeAll(async () => {
  own = await testDatabase();
  owner = connectTo(own.url);
  services = {
    ingest: connectTo(own.services.ingest),
    processor: connectTo(own.services.processor),
    operator: connectTo(own.services.operator),
    relay: connectTo(own.services.relay),
  };
  await makeRanges(services.processor);
});
afterAll(async () => {
  await Promise.all([owner, ...Object.values(services)].map((database) => database.close()));
  await own.drop();
});

describe('the rights of the roles', () => {
  it('are those of the documentation: each table has its row, and each right was decided', async () => {
    const head = '|---|---|---|---|---|\n';
    const page = await readFile(PAGE, 'utf8');
    const documented = page
      .slice(page.indexOf(head) + head.length)
      .split('\n\n')[0]
      ?.trimEnd()
      .split('\n');
    expect(documented).toEqual(grantsTable(await readObjects(owner), await readGrants(owner)));
  });

  it("are nobody else's: not everybody's, not users' handlers', and not on a range beside its table", async () => {
    const grants = await readGrants(owner);
    expect([...new Set(grants.map(({ role }) => role))].toSorted()).toEqual([...GRANTED_ROLES].toSorted());
    const objects = await readObjects(owner);
    expect(grants.filter(({ object }) => !objects.includes(object))).toEqual([]);
    const { rows } = await owner.query(`select from pg_class where relispartition and relacl is not null`);
    expect(rows).toEqual([]);
  });

  it('let nobody change or remove what is append-only, not even by its ranges', async () => {
    const one = claim();
    await claimIdentities(services.processor, [one]);
    await writeAudit(services.processor, [auditEntry(one)]);
    const { rows } = await owner.query<{ name: string }>(
      `select inhrelid::regclass::text as name from pg_inherits where inhparent::regclass::text like 'hookline.%' and
         inhrelid in (select oid from pg_class where relkind = 'r')`,
    );
    expect(rows.length).toBe(9);
    for (const table of [...APPEND_ONLY.map((name) => `hookline.${name}`), ...rows.map(({ name }) => name)]) {
      for (const statement of [
        `update ${table} set kafka_partition = 0`,
        `delete from ${table}`,
        `truncate ${table}`,
        `drop table ${table}`,
        `alter table ${table} add column added integer`,
      ]) {
        for (const database of Object.values(services)) {
          await expect(database.query(statement)).rejects.toMatchObject({ code: '42501' });
        }
      }
    }
    expect((await owner.query('select from hookline.audit_log')).rowCount).toBe(1);
    expect((await owner.query('select from hookline.processed_deliveries')).rowCount).toBe(1);
  });

  it('show ingest what is known of a delivery, and no body', async () => {
    for (const table of ['processed_deliveries', 'lane_deliveries', 'dead_deliveries']) {
      const { rows } = await services.ingest.query(
        `select event from hookline.${table} where guid = $1 and digest = $2 and dedup_scope = $3`,
        [claim().guid, claim().digest, 'nobody'],
      );
      expect(rows).toEqual([]);
    }
    for (const column of ['body', 'headers', '*']) {
      for (const table of ['lane_deliveries', 'dead_deliveries', 'held_deliveries']) {
        const asking = services.ingest.query(`select ${column} from hookline.${table}`);
        await expect(asking).rejects.toMatchObject({ code: '42501' });
      }
    }
  });

  it('let an operator read everything, and ask the owner of a partition, who alone says what became of it', async () => {
    const tables = (await readObjects(owner)).filter((name) => !/[()]|_seq$/.test(name));
    expect(tables.length).toBeGreaterThan(15);
    for (const table of tables) await services.operator.query(`select * from hookline.${table} limit 1`);
    const asked = { commandId: randomUUID(), actor: 'a human', why: 'to see' };
    const control: Control = {
      ...asked,
      command: 'hold',
      issuedAt: 0,
      orderingKey: 'k',
      state: 'none',
      incarnation: null,
      offset: null,
      generation: null,
      handlers: [],
      digest: null,
      dedupScope: null,
      event: null,
      effectId: null,
    };
    await writeCommands(services.operator, PLACE, [{ partition: 1, control }]);
    await requestResume(services.operator, PLACE, {
      ...asked,
      resume: { from: 'stored', offset: null },
      decidedReason: 'LOG_EXPIRED',
      decidedNextOffset: 1n,
    });
    for (const table of ['control_commands', 'partition_commands']) {
      for (const statement of [
        `update hookline.${table} set outcome = 'applied', settled_at = now()`,
        `insert into hookline.${table} (command_id, outcome) values (gen_random_uuid(), 'applied')`,
        `delete from hookline.${table}`,
      ]) {
        await expect(services.operator.query(statement)).rejects.toMatchObject({ code: '42501' });
      }
    }
  });

  it('hold for tables that are made later: nothing is granted by default', async () => {
    await owner.query('create table hookline.later (n integer)');
    for (const database of Object.values(services)) {
      await expect(database.query('select from hookline.later')).rejects.toMatchObject({ code: '42501' });
    }
    expect((await readGrants(owner)).filter(({ object }) => object === 'later')).toEqual([]);
    await owner.query('drop table hookline.later');
  });
});

describe('the function that makes ranges', () => {
  it("calls nothing that its caller has put before: with the owner's rights, that would be the owner's doing", async () => {
    const { rows } = await owner.query<{ name: string }>(
      `select inhrelid::regclass::text as name from pg_inherits join pg_class on oid = inhrelid where relkind = 'r' limit 1`,
    );
    await owner.query(`drop table ${rows[0]?.name}`);
    const single = connectTo(serviceUrls(own.direct).processor, { poolSize: 1 });
    await single.query('set role hookline_handlers');
    await single.query(
      `create function hookline_handlers.date_trunc(text, timestamptz) returns timestamptz language plpgsql as
         $$ begin raise exception 'called as %', current_user; end $$`,
    );
    await single.query('reset role; set search_path = hookline_handlers, pg_catalog');
    expect((await makeRanges(single)).map((name) => `hookline.${name}`)).toEqual([rows[0]?.name]);
    await single.close();
  });

  it('may not be called by those who need it not', async () => {
    for (const database of [services.ingest, services.operator]) {
      await expect(makeRanges(database)).rejects.toMatchObject({ code: '42501' });
    }
  });
});
