import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serviceUrls, testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo, until } from '@hookline/test-support';
import type { Database } from '../database.ts';
import { hintRelays } from './hint-relays.ts';
import { hintShards } from './hint-shards.ts';
import { listenOutbox, type ListenSettings, type OutboxListener } from './listen-outbox.ts';

let own: TestDatabase;
let owner: Database;

beforeAll(async () => {
  own = await testDatabase();
  owner = connectTo(own.url);
});
afterAll(async () => {
  await owner.close();
  await own.drop();
});

function listen(given: Partial<ListenSettings> = {}) {
  const hints: string[] = [];
  const lost: unknown[] = [];
  const listener: OutboxListener = listenOutbox({
    url: serviceUrls(own.direct).relay,
    connectTimeoutMs: 2000,
    checkMs: 60_000,
    onHint: (hint) => hints.push(hint),
    giveHint: () => Promise.resolve(),
    hearMs: 60_000,
    onDeaf: () => {},
    onLost: (error) => lost.push(error),
    ...given,
  });
  return { hints, lost, listener };
}
const endListeners = () =>
  owner.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'hookline-relay-listener' and datname = current_database()`,
  );

describe('listenOutbox', () => {
  it('hears hints, and begins with one for what came before it listened', async () => {
    const { hints, lost, listener } = listen();
    await until('it listens', () => hints.length === 1);
    await hintRelays(owner);
    await hintShards(owner);
    await until('it has heard', () => hints.length === 3);
    expect(hints).toEqual(['', '', 'shards']);
    await listener.close();
    expect(lost).toEqual([]);
  });

  it('listens again when its connection was ended, and hints at what it may have missed', async () => {
    const { hints, lost, listener } = listen();
    await until('it listens', () => hints.length === 1);
    await endListeners();
    await until('it listens again', () => hints.length === 2);
    await hintRelays(owner);
    await until('it has heard', () => hints.length === 3);
    expect(lost).toHaveLength(1);
    await listener.close();
  });

  it('goes on trying where there is no database, and can be closed meanwhile', async () => {
    const { hints, lost, listener } = listen({ url: 'postgresql://nobody@127.0.0.1:1/none' });
    await until('it has tried twice', () => lost.length >= 2);
    await listener.close();
    expect(hints).toEqual([]);
  });

  it('tells once where what others say does not arrive, and not where it does', async () => {
    let deaf = 0;
    const hearing = listen({ giveHint: () => hintRelays(owner), onDeaf: () => (deaf += 100) });
    await until('it hears its own hint', () => hearing.hints.length === 2);
    const muffled = listen({ giveHint: () => Promise.resolve(), hearMs: 1, onDeaf: () => (deaf += 1) });
    await until('it is told', () => deaf === 1);
    await endListeners();
    await until('it listens again', () => muffled.hints.length >= 2);
    await Promise.all([hearing.listener.close(), muffled.listener.close()]);
    expect(deaf).toBe(1);
  });

  it('asks its connection whether it is there', async () => {
    const { hints, listener } = listen({ checkMs: 10 });
    await until('it has asked', async () => {
      const { rows } = await owner.query(
        `select from pg_stat_activity where application_name = 'hookline-relay-listener' and query = 'select 1'
           and datname = current_database()`,
      );
      return rows.length === 1;
    });
    expect(hints).toEqual(['']);
    await listener.close();
  });
});
