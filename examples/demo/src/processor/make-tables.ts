import type { Database } from '@hookline/database';

/**
 * The tables of the demo's handlers, kept as its other state is. Nothing in them forbids a deployment that is noted
 * twice or too early: the report is to find it.
 */
export async function makeTables(database: Database): Promise<void> {
  await database.query('create schema if not exists demo');
  await database.query('create table if not exists demo.broken (ordering_key text primary key)');
  await database.query(
    `create table if not exists demo.deployments (
       deployment_id bigint generated always as identity primary key,
       ordering_key text not null,
       guid uuid not null,
       noted_at timestamptz not null default clock_timestamp()
     )`,
  );
  await database.query(
    `create table if not exists demo.releases (
       release_id bigint generated always as identity primary key,
       ordering_key text not null,
       guid uuid not null
     )`,
  );
  await database.query(
    `create table if not exists demo.synced (
       synced_id bigint generated always as identity primary key,
       ordering_key text not null,
       guid uuid not null,
       commit text not null
     )`,
  );
  await database.query('grant usage on schema demo to hookline_handlers');
  await database.query('grant select on demo.broken to hookline_handlers');
  await database.query('grant insert on demo.deployments, demo.releases, demo.synced to hookline_handlers');
}
