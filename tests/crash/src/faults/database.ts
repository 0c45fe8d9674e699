import { connectTo } from '@hookline/test-support';
import type { Attack, Fault } from './fault.ts';
import { insist } from './insist.ts';
import { alone } from './one-at-a-time.ts';

export const databaseFaults: Fault[] = [
  onServer(
    'postgres-immediate',
    'an immediate stop of PostgreSQL, without a checkpoint, and a recovery',
    async (attack) => {
      const { database, stack } = attack.system;
      const { rows } = await insist(attack, () =>
        database.query<{ pid: string }>(`select split_part(pg_read_file('postmaster.pid'), E'\\n', 1) as pid`),
      );
      // The signal of an immediate stop. The part finds by itself that its process has ended, and starts another.
      process.kill(Number(rows[0]?.pid), 'SIGQUIT');
      await attack.pause(attack.random.integer(500, 2500));
      await stack.postgres.start();
    },
  ),
  onServer(
    'kill-postgres',
    'SIGKILL of every process of PostgreSQL, and a recovery',
    async ({ system, random, pause }) => {
      await system.stack.postgres.kill();
      await pause(random.integer(200, 1500));
      await system.stack.postgres.start();
    },
  ),
  onServer(
    'freeze-postgres',
    'SIGSTOP of every process of PostgreSQL, then SIGCONT',
    async ({ system, random, pause }) => {
      await system.stack.postgres.pause();
      await pause(random.integer(1000, 4000));
      await system.stack.postgres.resume();
    },
  ),
  onServer('kill-backend', 'SIGKILL of one backend, at which PostgreSQL restarts itself', async (attack) => {
    const pids = await insist(attack, () => backends(attack.system.database));
    if (pids.length > 0) process.kill(attack.random.pick(pids), 'SIGKILL');
  }),
  {
    name: 'terminate-backends',
    family: 'database',
    title: 'backends of services are terminated (57P01), several times',
    async run(attack) {
      for (let times = attack.random.integer(4, 8); times > 0; times -= 1) {
        await attack.pause(attack.random.integer(200, 900));
        attack.note(`${await many(attack, 'pg_terminate_backend')} backends`);
      }
    },
  },
  {
    name: 'cancel-queries',
    family: 'database',
    title: 'queries of services are cancelled (57014), several times',
    async run(attack) {
      for (let times = attack.random.integer(8, 16); times > 0; times -= 1) {
        await attack.pause(attack.random.integer(50, 500));
        await many(attack, 'pg_cancel_backend');
      }
      attack.note('is over');
    },
  },
  forAWhile('read-only', 'transactions are read only by default (25006)', {
    async begin(attack) {
      await sql(attack, `alter database ${attack.system.databaseName} set default_transaction_read_only = on`);
      // Of the sessions that there are, nobody hears of a new default: all begin anew.
      await many(attack, 'pg_terminate_backend');
    },
    async end(attack) {
      // For a session of ours that may have begun meanwhile.
      const reset = `alter database ${attack.system.databaseName} reset default_transaction_read_only`;
      await sql(attack, `begin read write; ${reset}; commit`);
      await many(attack, 'pg_terminate_backend');
    },
  }),
  forAWhile('disk-full', 'writes of the audit are refused as on a full disk (53100), by a trigger that says so', {
    begin: (attack) => sql(attack, fullDisk('hookline.audit_log')),
    end: (attack) => sql(attack, 'drop trigger disk_full on hookline.audit_log'),
  }),
  forAWhile('disk-full-in-handlers', 'writes of handlers are refused as on a full disk (53100), by a trigger', {
    begin: (attack) => sql(attack, fullDisk('crash.effects')),
    end: (attack) => sql(attack, 'drop trigger disk_full on crash.effects'),
  }),
  forAWhile('no-connections', 'the sessions of services end, and the database takes no new ones', {
    async begin(attack) {
      await elsewhere(attack, `alter database ${attack.system.databaseName} allow_connections false`);
      await many(attack, 'pg_terminate_backend');
    },
    end: (attack) => elsewhere(attack, `alter database ${attack.system.databaseName} allow_connections true`),
  }),
];

function onServer(name: string, title: string, act: (attack: Attack) => Promise<void>): Fault {
  return {
    name,
    family: 'database',
    title,
    async run(attack) {
      await attack.pause(attack.random.integer(500, 2500));
      await alone(attack.system.stack.postgres, async () => {
        attack.note('begins');
        await act(attack);
        attack.note('is over');
      });
    },
  };
}

function forAWhile(
  name: string,
  title: string,
  { begin, end }: { begin(attack: Attack): Promise<unknown>; end(attack: Attack): Promise<unknown> },
): Fault {
  return {
    name,
    family: 'database',
    title: `${title}, for a while`,
    async run(attack) {
      await attack.pause(attack.random.integer(500, 2000));
      attack.note('begins');
      await begin(attack);
      await attack.pause(attack.random.integer(1000, 2500));
      await end(attack);
      attack.note('is over');
    },
  };
}

/** A real full disk would need a file system of its own, which not every account may make. */
function fullDisk(table: string): string {
  return `
    create or replace function crash.disk_full() returns trigger language plpgsql as
      $$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$;
    create or replace trigger disk_full before insert on ${table} execute function crash.disk_full()`;
}

const THEIRS = `datname = current_database() and pid <> pg_backend_pid() and application_name like 'hookline%'`;

async function backends(database: Attack['system']['database']): Promise<number[]> {
  const { rows } = await database.query<{ pid: number }>(`select pid from pg_stat_activity where ${THEIRS}`);
  return rows.map(({ pid }) => pid);
}

async function many(attack: Attack, act: 'pg_terminate_backend' | 'pg_cancel_backend'): Promise<number> {
  const { rowCount } = await sql(attack, `select ${act}(pid) from pg_stat_activity where ${THEIRS}`);
  return rowCount;
}

function sql(attack: Attack, text: string): Promise<{ rowCount: number }> {
  return insist(attack, () => attack.system.database.query(text));
}

/** From another database: nobody closes the one that they are in, and ours is closed to us, too. */
async function elsewhere(attack: Attack, text: string): Promise<void> {
  const server = connectTo(attack.system.stack.addresses.databaseUrl);
  await insist(attack, () => server.query(text));
  await server.close();
}
