import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { describeBrokers } from './kafka-metadata.ts';

// That a real broker understands the request is shown by every start of a stack; here is what a broken one does.
describe('describeBrokers', () => {
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
    const answer = metadata(['one', 'two'], 'ours');
    const port = await listen((socket) => {
      socket.setNoDelay(true);
      socket.write(answer.subarray(0, 3), () => {
        setImmediate(() =>
          socket.write(answer.subarray(3, 10), () => setImmediate(() => socket.write(answer.subarray(10)))),
        );
      });
    });
    expect(await describeBrokers('127.0.0.1', port)).toEqual({ count: 2, clusterId: 'ours' });
  });

  it('rejects an answer that is cut short', async () => {
    const whole = metadata(['one'], 'ours');
    whole.writeInt32BE(whole.length - 4 - 2, 0);
    const port = await listen((socket) => socket.write(whole.subarray(0, -2)));
    await expect(describeBrokers('127.0.0.1', port)).rejects.toThrow(/does not answer as Kafka does/);
  });

  it('rejects when the connection is closed', async () => {
    const port = await listen((socket) => socket.end());
    await expect(describeBrokers('127.0.0.1', port)).rejects.toThrow(/closed the connection/);
  });

  it('rejects when nothing is answered in time', async () => {
    const port = await listen(() => {});
    await expect(describeBrokers('127.0.0.1', port, 50)).rejects.toThrow(/did not answer in 50 ms/);
  });
});

/** The begin of an answer, as far as it is read. */
function metadata(hosts: string[], clusterId: string): Buffer {
  const integer = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    return bytes;
  };
  const string = (value: string): Buffer => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)]);
  const none = Buffer.from([0xff, 0xff]);
  const brokers = hosts.flatMap((host, id) => [integer(id), string(host), integer(9092), none]);
  const body = Buffer.concat([integer(1), integer(0), integer(hosts.length), ...brokers, string(clusterId)]);
  return Buffer.concat([integer(body.length), body]);
}
