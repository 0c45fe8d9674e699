import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { until } from '@hookline/test-support';
import { isCommit, isProduce, openLink, type Link } from './link.ts';

// A disturbance that does not disturb makes every round pass: each is seen at work, on a server that repeats what it hears.

let echo: net.Server;
let link: Link;
let heard: string;
const open: Socket[] = [];

beforeEach(async () => {
  heard = '';
  echo = net.createServer((socket) => {
    open.push(socket);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      heard += chunk.toString();
      socket.write(chunk);
    });
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  link = await openLink((echo.address() as AddressInfo).port);
});
afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy();
  await link.close();
  await new Promise((resolve) => echo.close(resolve));
});

async function connect(): Promise<Socket & { said: () => string; broken: () => boolean }> {
  const socket = net.connect(link.port, '127.0.0.1');
  open.push(socket);
  let said = '';
  let broken = false;
  socket.on('data', (chunk) => (said += chunk.toString()));
  socket.on('error', () => {});
  socket.on('close', () => (broken = true));
  // A reset can be quicker.
  await once(socket, 'connect').catch(() => {});
  return Object.assign(socket, { said: () => said, broken: () => broken });
}

const commit = Buffer.concat([Buffer.from('Q'), Buffer.from([0, 0, 0, 11]), Buffer.from('commit\0')]);

describe('a link', () => {
  test('passes everything on when nothing is disturbed', async () => {
    const client = await connect();
    client.write('hello');
    await until('the echo', () => client.said() === 'hello');
  });

  test('cuts what is open, and lets new connections be made', async () => {
    const client = await connect();
    client.write('hello');
    await until('the echo', () => client.said() === 'hello');
    link.cut();
    await until('the end', () => client.broken());
    const next = await connect();
    next.write('again');
    await until('the echo', () => next.said() === 'again');
  });

  test('refuses new connections until it is repaired', async () => {
    link.refuse();
    const refused = await connect();
    await until('the end', () => refused.broken());
    link.repair();
    const client = await connect();
    client.write('hello');
    await until('the echo', () => client.said() === 'hello');
  });

  test('swallows in silence, and delivers all of it when it is repaired', async () => {
    const client = await connect();
    client.write('before');
    await until('the echo', () => client.said() === 'before');
    link.silence();
    client.write(' during');
    const other = await connect();
    other.write('other');
    link.delay(1);
    expect([heard, client.said(), other.said()]).toEqual(['before', 'before', '']);
    link.repair();
    await until('both echoes', () => client.said() === 'before during' && other.said() === 'other');
  });

  test('takes as long as it is told to', async () => {
    const client = await connect();
    link.delay(150);
    const began = performance.now();
    client.write('hello');
    await until('the echo', () => client.said() === 'hello');
    expect(performance.now() - began).toBeGreaterThanOrEqual(290);
  });

  test('takes the time that a narrow line takes', async () => {
    const client = await connect();
    link.throttle(10_000);
    const began = performance.now();
    client.write('x'.repeat(2_000));
    await until('the echo', () => client.said().length === 2_000);
    expect(performance.now() - began).toBeGreaterThanOrEqual(390);
  });

  // This is what makes COMMIT's outcome unknown: done by the server, and nobody is told.
  test('loses an answer after the server has done what it was asked for', async () => {
    const client = await connect();
    link.loseAnswers(1, isCommit);
    client.write('select');
    await until('the echo', () => client.said() === 'select');
    client.write(commit);
    await until('the end', () => client.broken());
    expect({ heard: heard.endsWith('commit\0'), said: client.said(), left: link.toLose() }).toEqual({
      heard: true,
      said: 'select',
      left: 0,
    });
  });

  test('leads elsewhere, and back', async () => {
    const other = net.createServer((socket) => void socket.on('error', () => {}).end('elsewhere'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    link.divert((other.address() as AddressInfo).port);
    const diverted = await connect();
    await until('another answer', () => diverted.said() === 'elsewhere');
    link.repair();
    const client = await connect();
    client.write('hello');
    await until('the echo', () => client.said() === 'hello');
    await new Promise((resolve) => other.close(resolve));
  });
});

describe('what is told by its first bytes', () => {
  test('a COMMIT', () => {
    expect(isCommit(commit)).toBe(true);
    expect(isCommit(Buffer.from('Q\0\0\0\x0fcommit and chain\0'))).toBe(false);
    expect(isCommit(Buffer.from('Q\0\0\0\x0dselect 1\0'))).toBe(false);
  });
  test('a produce request', () => {
    expect(isProduce(Buffer.from([0, 0, 0, 9, 0, 0, 0, 7, 0]))).toBe(true);
    expect(isProduce(Buffer.from([0, 0, 0, 9, 0, 1, 0, 7, 0]))).toBe(false);
  });
});
