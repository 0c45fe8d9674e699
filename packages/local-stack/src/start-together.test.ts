import { connect, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { freePort, releasePort } from './free-ports.ts';
import { postgresAnswers, registryAnswers } from './readiness.ts';
import { startStack } from './start-stack.ts';
import type { Stack, StackPorts } from './stack.ts';
import { testProvider } from './testing/environment.ts';

const TIMEOUT_MS = 240_000;

// As two clones in which `npm start` is typed at the same moment: a server that finds its port taken dies, and the
// other's would be mistaken for it.
describe('stacks that wish for the same ports', () => {
  const stacks: Stack[] = [];
  let squatter: Server | undefined;
  afterEach(async () => {
    await Promise.all(stacks.splice(0).map((stack) => stack.stop()));
    squatter?.close();
  }, TIMEOUT_MS);

  async function unusedPort(): Promise<number> {
    const port = await freePort();
    releasePort(port);
    return port;
  }

  it(
    'each get their own, and each server answers as its own stack’s, when they start at once',
    async () => {
      const ports: StackPorts = {
        kafka: [await unusedPort()],
        registry: await unusedPort(),
        postgres: await unusedPort(),
      };
      const options = { provider: testProvider(), ports };
      stacks.push(...(await Promise.all([startStack(options), startStack(options)])));
      const all = stacks.flatMap(({ kafka, registry, postgres }) => [...kafka, registry, postgres]);
      expect(new Set(all.map(({ port }) => port)).size).toBe(6);

      const [first, second] = stacks as [Stack, Stack];
      await Promise.all([first.postgres.stop(), first.registry.stop()]);
      await expect(postgresAnswers(first.postgres.port)).rejects.toThrow();
      expect(await postgresAnswers(second.postgres.port)).toBe(true);
      await expect(registryAnswers(first.registry.port)).rejects.toThrow();
      expect(await registryAnswers(second.registry.port)).toBe(true);
    },
    TIMEOUT_MS,
  );

  it(
    'take another one when another stack’s server answers on theirs before their own listens',
    async () => {
      const options = { provider: testProvider(), parts: ['postgres' as const] };
      const stranger = await startStack(options);
      stacks.push(stranger);
      const wished = await unusedPort();
      const stack = await startStack({
        ...options,
        ports: { postgres: wished },
        onStep: ({ name, state }) => {
          if (name === 'start postgres' && state === 'started') squatter ??= forward(wished, stranger.postgres.port);
        },
      });
      stacks.push(stack);
      expect(stack.postgres.port).not.toBe(wished);
      await stranger.postgres.stop();
      expect(await postgresAnswers(stack.postgres.port)).toBe(true);
    },
    TIMEOUT_MS,
  );

  it(
    'do not take another stack’s server for their own',
    async () => {
      const stack = await startStack({ provider: testProvider(), parts: ['postgres'] });
      stacks.push(stack);
      expect(await postgresAnswers(stack.postgres.port, 'another')).toBe(false);
    },
    TIMEOUT_MS,
  );
});

/** Listens on a port, and lets a server on another one answer there. */
function forward(from: number, to: number): Server {
  const server = createServer((socket) => {
    const onward = connect(to, '127.0.0.1');
    socket.pipe(onward).pipe(socket);
    for (const each of [socket, onward]) each.on('error', () => each.destroy());
  });
  return server.listen(from, '127.0.0.1');
}
