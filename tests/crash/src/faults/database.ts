import type { Attack, Fault } from './fault.ts';

export const databaseFaults: Fault[] = [
  {
    name: 'postgres-immediate',
    family: 'database',
    title: 'an immediate stop of PostgreSQL, without a checkpoint, and a start that recovers',
    async run({ system, random, pause, note }) {
      await pause(random.integer(500, 2500));
      const { rows } = await system.database.query<{ pid: string }>(
        `select split_part(pg_read_file('postmaster.pid'), E'\\n', 1) as pid`,
      );
      note('SIGQUIT');
      // The signal of an immediate stop, whose ending the part then finds by itself; `start` waits for that.
      process.kill(Number(rows[0]?.pid), 'SIGQUIT');
      await pause(random.integer(500, 2500));
      await system.stack.postgres.start();
      note('started again');
    },
  },
  {
    name: 'kill-postgres',
    family: 'database',
    title: 'SIGKILL of every process of PostgreSQL, and a start that recovers',
    async run({ system, random, pause, note }) {
      await pause(random.integer(500, 2500));
      note('SIGKILL');
      await system.stack.postgres.kill();
      await pause(random.integer(200, 1500));
      await system.stack.postgres.start();
      note('started again');
    },
  },
  {
    name: 'freeze-postgres',
    family: 'database',
    title: 'SIGSTOP of every process of PostgreSQL, then SIGCONT',
    async run({ system, random, pause, note }) {
      await pause(random.integer(500, 2500));
      note('SIGSTOP');
      await system.stack.postgres.pause();
      await pause(random.integer(1000, 4000));
      await system.stack.postgres.resume();
    },
  },
  {
    name: 'kill-backend',
    family: 'database',
    title: 'SIGKILL of one backend, at which PostgreSQL restarts itself',
    async run({ system, random, pause, note }) {
      await pause(random.integer(500, 3000));
      const pids = await backends(system.database);
      if (pids.length === 0) return;
      note('SIGKILL of a backend');
      process.kill(random.pick(pids), 'SIGKILL');
    },
  },
  {
    name: 'terminate-backends',
    family: 'database',
    title: 'backends of processors are terminated (57P01), several times',
    async run({ system, random, pause, note }) {
      for (let times = random.integer(4, 8); times > 0; times -= 1) {
        await pause(random.integer(200, 900));
        const ended = await many(system.database, 'pg_terminate_backend');
        note(`${ended} backends`);
      }
    },
  },
  {
    name: 'cancel-queries',
    family: 'database',
    title: 'queries of processors are cancelled (57014), several times',
    async run({ system, random, pause, note }) {
      for (let times = random.integer(8, 16); times > 0; times -= 1) {
        await pause(random.integer(50, 500));
        note(`${await many(system.database, 'pg_cancel_backend')} backends`);
      }
    },
  },
  {
    name: 'read-only',
    family: 'database',
    title: 'transactions are read only by default (25006), for a while',
    async run({ system, random, pause, note }) {
      await pause(random.integer(500, 2000));
      const { database, databaseName } = system;
      // Of the sessions that there are, nobody hears of a new default: all begin anew.
      note('read only');
      await database.query(`alter database ${databaseName} set default_transaction_read_only = on`);
      await many(database, 'pg_terminate_backend');
      await pause(random.integer(1000, 2500));
      await inWritable(database, `alter database ${databaseName} reset default_transaction_read_only`);
      await many(database, 'pg_terminate_backend');
      note('writable again');
    },
  },
  {
    name: 'disk-full',
    family: 'database',
    title: 'every write to the audit is refused as on a full disk (53100), for a while, by a trigger that says so',
    async run({ system, random, pause, note }) {
      await pause(random.integer(500, 2000));
      note('full');
      await system.database.query(
        `create or replace function crash.disk_full() returns trigger language plpgsql as
           $$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$;
         create trigger disk_full before insert on hookline.audit_log execute function crash.disk_full()`,
      );
      await pause(random.integer(1500, 3000));
      await system.database.query('drop trigger disk_full on hookline.audit_log');
      note('no longer full');
    },
  },
  {
    name: 'disk-full-in-handler',
    family: 'database',
    title: 'every write of handlers is refused as on a full disk (53100), for a while, by a trigger that says so',
    async run({ system, random, pause, note }) {
      await pause(random.integer(500, 2000));
      note('full');
      await system.database.query(
        `create or replace function crash.handler_disk_full() returns trigger language plpgsql as
           $$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$;
         create trigger disk_full before insert on crash.effects execute function crash.handler_disk_full()`,
      );
      await pause(random.integer(1000, 2000));
      await system.database.query('drop trigger disk_full on crash.effects');
      note('no longer full');
    },
  },
  {
    name: 'no-connections',
    family: 'database',
    title: 'the sessions of processors end, and the database takes no new ones, for a while',
    async run({ system, random, pause, note }) {
      const { database, databaseName } = system;
      const allow = (is: boolean) => database.query(`alter database ${databaseName} allow_connections ${is}`);
      await pause(random.integer(500, 2000));
      note('none');
      // Our own sessions in it go on, and put it right.
      await allow(false);
      await many(database, 'pg_terminate_backend');
      await pause(random.integer(1000, 2500));
      await allow(true);
      note('as before');
    },
  },
];

type Query = Attack['system']['database'];

const THEIRS = `datname = current_database() and pid <> pg_backend_pid() and application_name like 'hookline%'`;

async function backends(database: Query): Promise<number[]> {
  const { rows } = await database.query<{ pid: number }>(`select pid from pg_stat_activity where ${THEIRS}`);
  return rows.map(({ pid }) => pid);
}

async function many(database: Query, act: 'pg_terminate_backend' | 'pg_cancel_backend'): Promise<number> {
  const { rowCount } = await database.query(`select ${act}(pid) from pg_stat_activity where ${THEIRS}`);
  return rowCount;
}

/** For a session that may have begun while the database was read only. */
async function inWritable(database: Query, statement: string): Promise<void> {
  await database.query(`begin read write; ${statement}; commit`);
}
