import { randomInt } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { tryLock } from './lock.ts';

/**
 * Below the range from which systems take ports for outgoing connections (32768 and up): while a server restarts, a
 * client that tries its port again could otherwise be given that very port and connect to itself.
 */
const LOWEST = 20_000;
const HIGHEST = 29_999;
const ATTEMPTS = 200;

const given = new Set<number>();
let releasesAtExit = false;

/**
 * `wished` when it is free, else a free port on the loopback interface. It is this process's, among all of this user
 * that ask here, until it is released or the process ends: of two that start at once, each gets ports of its own.
 */
export async function freePort(wished?: number): Promise<number> {
  if (wished !== undefined && (await take(wished))) return wished;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = randomInt(LOWEST, HIGHEST + 1);
    if (await take(port)) return port;
  }
  throw new Error(`No free port between ${LOWEST} and ${HIGHEST} on 127.0.0.1.`);
}

/** Makes a port of a stopped stack available again. */
export function releasePort(port: number): void {
  if (given.delete(port)) rmSync(portLock(port), { force: true });
}

/** Names the process that may listen on the port, before it does. */
export function portLock(port: number): string {
  return join(tmpdir(), `hookline-ports-${process.getuid?.() ?? 'all'}`, String(port));
}

async function take(port: number): Promise<boolean> {
  mkdirSync(dirname(portLock(port)), { recursive: true, mode: 0o700 });
  // Before we look: to look is to listen for a moment, which would keep the port from the server that it is meant for.
  if ((await tryLock(portLock(port), process.pid)) !== undefined) return false;
  if (!releasesAtExit) process.once('exit', releaseAll);
  releasesAtExit = true;
  given.add(port);
  if (await isFree(port)) return true;
  releasePort(port);
  return false;
}

function releaseAll(): void {
  [...given].forEach(releasePort);
}

/** Whether nobody listens on the port of the loopback interface. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
