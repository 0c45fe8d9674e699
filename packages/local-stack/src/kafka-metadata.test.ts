import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { countBrokers } from './kafka-metadata.ts';

// That a real broker understands the request is shown by every start of a stack; here is what a broken one does.
describe('countBrokers', () => {
  let server: Server;
  const sockets: Socket[] = [];
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    server.close();
  });

  async function listen(onRequest: (socket: Socket) => void): Promise<number> {
    server = createServer((socket) => {
      sockets.push(socket);
      socket.once('data', () => onRequest(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  it('reads an answer that comes in pieces', async () => {
    const answer = Buffer.alloc(16);
    answer.writeInt32BE(12, 0);
    answer.writeInt32BE(3, 12);
    const port = await listen((socket) => {
      socket.setNoDelay(true);
      socket.write(answer.subarray(0, 3), () => {
        setImmediate(() =>
          socket.write(answer.subarray(3, 10), () => setImmediate(() => socket.write(answer.subarray(10)))),
        );
      });
    });
    expect(await countBrokers('127.0.0.1', port)).toBe(3);
  });

  it('rejects when the connection is closed', async () => {
    const port = await listen((socket) => socket.end());
    await expect(countBrokers('127.0.0.1', port)).rejects.toThrow(/closed the connection/);
  });

  it('rejects when nothing is answered in time', async () => {
    const port = await listen(() => {});
    await expect(countBrokers('127.0.0.1', port, 50)).rejects.toThrow(/did not answer in 50 ms/);
  });
});
