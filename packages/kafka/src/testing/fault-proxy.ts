import net, { type Socket } from 'node:net';
import type { ISocketFactory } from 'kafkajs';

/** A produce request that has arrived at the proxy whole, and is not yet passed on. */
export interface ProduceRequest {
  /** Port of the broker that it is for. */
  port: number;
  /** 1 for the first produce request that the proxy sees. */
  count: number;
}

/**
 * - `pass`: as without a proxy
 * - `cutBefore`: the broker never sees it, the connection breaks
 * - `cutAfter`: the broker's answer does not arrive, the connection breaks: it was appended, and nobody knows
 * - `hold`: it is passed on, and no answer arrives, ever
 */
export type ProduceFate = 'pass' | 'cutBefore' | 'cutAfter' | 'hold';

/** A TCP proxy between a KafkaJS client and its brokers, that does what networks do, at the chosen request. */
export interface FaultProxy {
  /** For `createKafka`'s `socketFactory`: brokers' advertised addresses stay as they are. */
  openSocket: ISocketFactory;
  /** Decides the fate of each produce request; what else is sent always passes. */
  onProduce: (request: ProduceRequest) => ProduceFate | Promise<ProduceFate>;
  stop(): Promise<void>;
}

const PRODUCE = 0;

export async function startFaultProxy(): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server = net.createServer((client) => {
    sockets.add(client);
    client.once('close', () => sockets.delete(client));
    client.on('error', () => client.destroy());
    void carry(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address() as net.AddressInfo;

  async function carry(client: Socket): Promise<void> {
    const chunks = client[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const reader = frameReader(chunks);
    try {
      const target = JSON.parse((await reader()).toString()) as { host: string; port: number };
      const broker = net.connect(target);
      broker.on('error', () => client.destroy());
      broker.once('close', () => client.destroy());
      client.once('close', () => broker.destroy());
      let answers: ProduceFate = 'pass';
      broker.on('data', (data) => {
        if (answers === 'pass') client.write(data);
        else if (answers === 'cutAfter') client.destroy();
      });
      for (;;) {
        const frame = await reader();
        if (frame.readInt16BE(0) === PRODUCE) answers = await proxy.onProduce({ port: target.port, count: ++count });
        if (answers === 'cutBefore') return void client.destroy();
        broker.write(Buffer.concat([sizeOf(frame), frame]));
      }
    } catch {
      client.destroy();
    }
  }

  const proxy: FaultProxy = {
    openSocket({ host, port, onConnect }) {
      const socket = net.connect({ port: address.port, host: address.address, noDelay: true }, () => {
        const target = Buffer.from(JSON.stringify({ host, port }));
        socket.write(Buffer.concat([sizeOf(target), target]));
        onConnect();
      });
      return socket;
    },
    onProduce: () => 'pass',
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

function sizeOf(frame: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeInt32BE(frame.length);
  return size;
}

/** Kafka's framing: each request is preceded by its size in four bytes. */
function frameReader(chunks: AsyncIterator<Buffer>): () => Promise<Buffer> {
  let parts: Buffer[] = [];
  let length = 0;
  async function read(bytes: number): Promise<Buffer> {
    while (length < bytes) {
      const { value, done } = await chunks.next();
      if (done === true) throw new Error('closed');
      parts.push(value);
      length += value.length;
    }
    const all = Buffer.concat(parts);
    parts = [all.subarray(bytes)];
    length -= bytes;
    return all.subarray(0, bytes);
  }
  return async () => await read((await read(4)).readInt32BE(0));
}
