import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabaseAt, migrateUp } from '@hookline/database';
import { createServiceLogins, guard, release, startStack, type Stack, type Ward } from '@hookline/local-stack';
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
  await createServiceLogins(url);
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

/**
 * Nothing here forbids what must not happen: it would fail silently where the check is to find it. Whether the epoch that
 * an effect was written under is still the present one is looked up at COMMIT, where alone it counts.
 */
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
  );
  create table crash.takeovers (topic text not null, kafka_partition integer not null, epoch bigint not null);
  create function crash.note_takeover() returns trigger language plpgsql security definer as
    $$ begin insert into crash.takeovers values (new.topic, new.kafka_partition, new.epoch); return null; end $$;
  create trigger note_takeover after insert or update of taken_over_at on hookline.partition_offsets
    for each row execute function crash.note_takeover();
  create table crash.stale_effects (kafka_partition integer not null, kafka_offset bigint not null, written_as text not null);
  create function crash.note_stale() returns trigger language plpgsql security definer as
    $$ begin
      insert into crash.stale_effects
      select new.kafka_partition, new.kafka_offset, new.written_as
       where not exists (select from hookline.partition_offsets
                          where left(encode(sha256(convert_to(consumer_group, 'UTF8') || '\\x00'::bytea
                                                   || convert_to(topic, 'UTF8')), 'hex'), 12)
                                  = split_part(new.written_as, '/', 2)
                            and kafka_partition = new.kafka_partition
                            and kafka_partition::text = split_part(new.written_as, '/', 3)
                            and epoch::text = split_part(new.written_as, '/', 4));
      return null;
    end $$;
  create constraint trigger note_stale after insert on crash.effects
    deferrable initially deferred for each row execute function crash.note_stale();
  create table crash.aged (
    guid uuid not null,
    topic text not null,
    kafka_partition integer not null,
    kafka_offset bigint not null,
    claimed_at timestamptz not null,
    beyond boolean not null,
    audit_id bigint not null
  );
  create table crash.asked (
    asked_id bigint generated always as identity,
    guid uuid not null,
    digest bytea not null,
    dedup_scope text not null,
    handler text not null,
    ordering_key text not null,
    effect_key text not null,
    kind text not null,
    queue text not null,
    about text not null,
    refused text
  );
  create table crash.job_runs (
    run_id bigint generated always as identity,
    effect_id uuid not null,
    ordering_key text not null,
    about text not null,
    written_as text not null
  );
  grant usage on schema crash to hookline_processor, hookline_handlers;
  grant select, insert, update on crash.counters, crash.effects to hookline_handlers;
  grant insert on crash.asked, crash.job_runs to hookline_handlers`;
