import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the range from which systems take ports for outgoing connections (32768 and up): while a server restarts, a
 * client that tries its port again could otherwise be given that very port and connect to itself.
 */
const LOWEST = 20_000;
const HIGHEST = 29_999;
const ATTEMPTS = 200;

const given = new Set<number>();

/** `wished` when it is free, else a free port on the loopback interface that this process has not handed out yet. */
export async function freePort(wished?: number): Promise<number> {
  if (wished !== undefined && !given.has(wished) && (await isFree(wished))) return take(wished);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = randomInt(LOWEST, HIGHEST + 1);
    if (!given.has(port) && (await isFree(port))) return take(port);
  }
  throw new Error(`No free port between ${LOWEST} and ${HIGHEST} on 127.0.0.1.`);
}

/** Makes a port of a stopped stack available to this process again. */
export function releasePort(port: number): void {
  given.delete(port);
}

function take(port: number): number {
  given.add(port);
  return port;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
