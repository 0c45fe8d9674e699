import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startProgram, until, type ServiceProcess } from '@hookline/test-support';
import gatedKinds from './testing/gated-kinds.ts';
import { relayWorld } from './testing/relay-world.ts';

const world = relayWorld(2);

const FAST = {
  HOOKLINE_LEASE_MS: '1600',
  HOOKLINE_LEASE_MARGIN_MS: '200',
  HOOKLINE_EFFECT_DEADLINE_MS: '800',
  HOOKLINE_OUTBOX_POLL_MS: '100',
};

let server: Server;
let url: string;
/** `<relay> <effect>` of each post. */
const done: string[] = [];
/** Relays that wait before they begin, until the gate is opened. */
const waiting: string[] = [];
let gate: PromiseWithResolvers<void> | null = null;
const processes: ServiceProcess[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const [, what, relay, effectId] = request.url?.split('/') ?? [];
    void (async () => {
      if (what === 'done') done.push(`${relay} ${effectId}`);
      if (what === 'before' && gate && relay === 'one') {
        waiting.push(effectId as string);
        await gate.promise;
      }
      response.end(what === 'seen' && done.some((one) => one.endsWith(` ${effectId}`)) ? 'yes' : 'no');
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  gate?.resolve();
  gate = null;
  done.length = 0;
  waiting.length = 0;
  for (const one of processes.splice(0)) {
    one.signal('SIGCONT');
    one.signal('SIGKILL');
    await one.ended;
  }
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

function startOne(): ServiceProcess {
  const one = startProgram({
    main: 'services/relay/src/main.ts',
    env: {
      ...FAST,
      HOOKLINE_DATABASE_URL: world.url(),
      HOOKLINE_OPERATIONS_PORT: '0',
      HOOKLINE_EFFECT_KINDS_MODULE: fileURLToPath(new URL('testing/gated-kinds.ts', import.meta.url)),
      HOOKLINE_TEST_RELAY: 'one',
    },
  });
  processes.push(one);
  return one;
}

const settled = (id: string) => until('it is settled', async () => (await world.states([id]))['settled'] === 1);

describe('the process of a relay', () => {
  it('sends, is ready, and gives its shards back on SIGTERM', async () => {
    const one = startOne();
    await one.untilReady();
    const [id] = (await world.give([{ kind: 'test.gated', request: { url } }])) as [string];
    await settled(id);
    expect(done).toEqual([`one ${id}`]);
    expect((await one.stop()).code).toBe(0);
    const { rows } = await world.database.query('select owner from hookline.outbox_shards');
    expect(rows).toEqual([{ owner: null }, { owner: null }]);
    expect((await world.database.query('select from hookline.relays')).rows).toEqual([]);
  });

  // It is held between its claim and its beginning, and wakes up when its effect has long been sent by another: what it
  // knows in memory says that it may go on.
  it('starts no send when it wakes up behind its lease', async () => {
    gate = Promise.withResolvers();
    const one = startOne();
    await one.logged('took shards of the outbox');
    const [id] = (await world.give([{ kind: 'test.gated', request: { url } }])) as [string];
    await until('it is about to begin', () => waiting.length === 1);
    one.signal('SIGSTOP');
    await world.start({ kinds: gatedKinds }, FAST);
    await settled(id);
    expect(done).toEqual([`another ${id}`]);
    gate.resolve();
    one.signal('SIGCONT');
    await one.logged('lost shards of the outbox: their leases had ended');
    expect((await one.stop()).code).toBe(0);
    expect(done).toEqual([`another ${id}`]);
  });

  it.each(['claimed', 'begun', 'sent'])(
    'may die when an effect is %s: another finds out what became of it',
    async (point) => {
      const one = startOne();
      await one.logged('took shards of the outbox');
      const [id, next] = (await world.give([
        { kind: 'test.gated', request: { url, dies: `one ${point}` } },
        { kind: 'test.gated', request: { url } },
      ])) as [string, string];
      expect((await one.ended).signal).toBe('SIGKILL');
      await world.start({ kinds: gatedKinds }, FAST);
      await settled(next);
      expect(await world.states([id])).toEqual({ settled: 1 });
      expect(done).toEqual([`${point === 'sent' ? 'one' : 'another'} ${id}`, `another ${next}`]);
    },
  );
});
