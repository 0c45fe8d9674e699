import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabaseAt, migrateUp } from '@hookline/database';
import { guard, release, startStack, type Stack, type Ward } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';

/** One stack of real servers, and what rounds on it share. */
export interface Bench {
  stack: Stack;
  /** Name of a migrated database with the tables of the harness, to which nobody connects. */
  template: string;
  directory: string;
  close(): Promise<void>;
}

const TEMPLATE = 'crash_template';

/**
 * Two brokers, a registry and PostgreSQL as processes of this machine: what is to be killed, frozen and restarted must
 * be ours.
 */
export async function openBench(say: (line: string) => void = () => {}): Promise<Bench> {
  const directory = await mkdtemp(join(tmpdir(), 'hookline-crash-'));
  const ward: Ward = { kind: 'path', id: directory };
  const stack = await startStack({
    provider: 'processes',
    brokers: 2,
    onStep: ({ name, state }) => {
      if (state === 'started') say(`stack: ${name}`);
    },
  });
  guard(ward);
  const url = await createDatabaseAt(stack.addresses.databaseUrl, TEMPLATE);
  await migrateUp(url);
  const database = connectTo(url);
  await database.query(HARNESS_TABLES);
  await database.close();
  return {
    stack,
    template: TEMPLATE,
    directory,
    async close() {
      await stack.stop();
      await rm(directory, { recursive: true, force: true });
      release(ward);
    },
  };
}

/** Nothing here forbids what must not happen: it would fail silently where the check is to find it. */
const HARNESS_TABLES = `
  create schema crash;
  create table crash.counters (
    handler text not null,
    ordering_key text not null,
    effects bigint not null,
    primary key (handler, ordering_key)
  );
  create table crash.effects (
    effect_id bigint generated always as identity,
    handler text not null,
    ordering_key text not null,
    nth bigint not null,
    guid uuid not null,
    kafka_partition integer not null,
    kafka_offset bigint not null,
    written_as text not null
  )`;
