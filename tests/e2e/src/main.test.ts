import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ingestOptions } from '@hookline/ingest';
import { freePort } from '@hookline/local-stack';
import { processorOptions } from '@hookline/processor';
import { startProgram } from '@hookline/test-support';
import { createServices, INGEST, PROCESSOR, TEST_SETTINGS } from './system/start-system.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

describe.each([
  { main: INGEST, options: ingestOptions },
  { main: PROCESSOR, options: processorOptions },
])('$main', ({ main, options }) => {
  it('tells every setting with --help', async () => {
    const { code, stdout } = await startProgram({ main, args: ['--help'] }).ended;
    expect(code).toBe(0);
    // The file that a value may come from instead is told with the value.
    for (const { env } of Object.values(options))
      expect(stdout).toMatch(new RegExp(`^  ${env}$| ${env} can name a file`, 'm'));
  });

  it('names every bad setting at once, and exits with 2', async () => {
    const env = { HOOKLINE_TOPIC_PARTITIONS: 'many', HOOKLINE_OPERATIONS_PORT: '70000' };
    const { code, stderr } = await startProgram({ main, env }).ended;
    expect(code).toBe(2);
    const wrong = ['HOOKLINE_TOPIC_PARTITIONS', 'HOOKLINE_OPERATIONS_PORT', 'HOOKLINE_KAFKA_BROKERS'];
    for (const name of wrong) expect(stderr).toContain(name);
  });

  it('refuses settings that contradict each other, though each is right by itself', async () => {
    const { code, stderr } = await startProgram({ main, env: { HOOKLINE_STOP_GRACE_MS: '1000' } }).ended;
    expect(code).toBe(2);
    expect(stderr).toContain('HOOKLINE_STOP_GRACE_MS is 1000: it must be above');
  });

  // A deploy that is taken back while the broker is away: what waits for it must let go at once, or the platform kills.
  it.each(['refuse', 'hang'])('stops within its grace while it starts, its servers all %s', async (how) => {
    const port = how === 'refuse' ? await freePort() : await openSilentPort();
    const services = createServices({
      ...TEST_SETTINGS,
      HOOKLINE_STOP_GRACE_MS: '9000',
      HOOKLINE_KAFKA_BROKERS: `127.0.0.1:${port}`,
      HOOKLINE_REGISTRY_URL: `http://127.0.0.1:${port}`,
      HOOKLINE_DATABASE_URL: `postgresql://nobody@127.0.0.1:${port}/nothing`,
    });
    ends.push(() => services.stop());
    const service = services.start({ main });
    await service.logged('started');
    expect((await service.readiness()).ready).toBe(false);
    expect(await service.stop()).toMatchObject({ code: 0, stderr: '' });
  });
});

/** A port of the loopback interface that takes connections and says nothing, ever. */
async function openSilentPort(): Promise<number> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => void sockets.add(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    for (const socket of sockets) socket.destroy();
    return server.close();
  });
  return (server.address() as AddressInfo).port;
}
