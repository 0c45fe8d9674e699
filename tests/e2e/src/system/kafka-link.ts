import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';

/** The way of one process to a broker, which can be held: nothing gets through, and nobody is told. */
export interface KafkaLink {
  port: number;
  hold(): void;
  /** Lets everything through again, the oldest first. */
  release(): void;
  close(): void;
}

/** @param broker `host:port`, of the only one that there is */
export async function openKafkaLink(broker: string): Promise<KafkaLink> {
  const [host = '', port] = broker.split(':');
  const sockets = new Set<Socket>();
  let held = false;
  const carry = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.on('data', (data) => void to.write(data));
    from.on('error', () => {});
    from.once('close', () => {
      sockets.delete(from);
      to.destroy();
    });
    if (held) from.pause();
  };
  const server = net.createServer((client) => {
    const up = net.connect({ host, port: Number(port) });
    carry(client, up);
    carry(up, client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    hold() {
      held = true;
      for (const socket of sockets) socket.pause();
    },
    release() {
      held = false;
      for (const socket of sockets) socket.resume();
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
