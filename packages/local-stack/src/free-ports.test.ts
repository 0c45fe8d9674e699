import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { freePort, portLock, releasePort } from './free-ports.ts';
import { tryLock, unlock } from './lock.ts';

const taken: number[] = [];

async function take(wished?: number): Promise<number> {
  const port = await freePort(wished);
  taken.push(port);
  return port;
}

describe('freePort', () => {
  afterEach(() => taken.splice(0).forEach(releasePort));

  it('stays below the range from which outgoing connections take theirs', async () => {
    const port = await take();
    expect(port).toBeGreaterThanOrEqual(20_000);
    expect(port).toBeLessThan(32_768);
  });

  it('never hands out the same port twice, even if nobody listens yet', async () => {
    const port = await take();
    expect(await take(port)).not.toBe(port);
  });

  it('gives one port to one of many who ask at once', async () => {
    const port = await freePort();
    releasePort(port);
    const ports = await Promise.all(Array.from({ length: 10 }, () => take(port)));
    expect(new Set(ports).size).toBe(10);
    expect(ports).toContain(port);
  });

  it('does not hand out what another process has, even if nobody listens yet', async () => {
    const port = await freePort();
    releasePort(port);
    expect(await tryLock(portLock(port), process.ppid)).toBeUndefined();
    expect(await take(port)).not.toBe(port);
    await unlock(portLock(port));
    expect(await take(port)).toBe(port);
  });

  it('gives the wished port when it is free, and again after its release', async () => {
    const port = await freePort();
    releasePort(port);
    expect(await take(port)).toBe(port);
  });

  it('replaces a wished port on which somebody listens', async () => {
    const server = createServer();
    const port = await freePort();
    releasePort(port);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    try {
      expect(await take(port)).not.toBe(port);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
