import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a database that can be cut, become slow, or fall silent. */
export interface DatabaseProxy {
  /** The database's URL by this way. */
  url: string;
  /** Connections that were opened through it so far. */
  connections(): number;
  /** From now on: as if nothing were between; each answer comes late; nothing answers any more; or connections are refused and cut. */
  set(mode: Mode): void;
  stop(): Promise<void>;
}

type Mode = 'pass' | 'slow' | 'hang' | 'refuse';

/** @param lateMs by how much an answer of a slow one comes late */
export async function startDatabaseProxy(url: string, lateMs = 0): Promise<DatabaseProxy> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let connections = 0;
  let mode: Mode = 'pass';
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };

  const server = createServer((client) => {
    connections++;
    if (mode === 'refuse') return void client.destroy();
    const database = connect({ host: target.hostname, port: Number(target.port) });
    for (const [from, to] of [
      [client, database],
      [database, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (data) => {
        if (mode === 'slow' && from === database) setTimeout(() => to.write(data), lateMs);
        else if (mode === 'pass' || mode === 'slow') to.write(data);
      });
      from.on('error', () => to.destroy());
      from.once('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const proxied = new URL(url);
  proxied.hostname = '127.0.0.1';
  proxied.port = String((server.address() as AddressInfo).port);
  return {
    url: proxied.href,
    connections: () => connections,
    set(wanted) {
      mode = wanted;
      // What was lost while it was silent does not come back: connections begin anew.
      if (wanted === 'pass' || wanted === 'refuse') cut();
    },
    async stop() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
