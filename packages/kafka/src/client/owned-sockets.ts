import net, { type Socket } from 'node:net';
import tls from 'node:tls';
import type { ISocketFactory } from 'kafkajs';
import { adviseOnErrors } from '../tls-agent.ts';

const KEEP_ALIVE_MS = 60_000;

/** The sockets of one client, so that it can be got rid of at once. */
export interface OwnedSockets {
  socketFactory: ISocketFactory;
  /** Destroys every socket, with what is still to be sent, and refuses new ones. Requests in flight fail. */
  destroy(): void;
}

/**
 * KafkaJS's `disconnect()` waits for the requests in flight: behind a broker that hangs, an abandoned client would
 * keep its memory and could still deliver an old send after a new one.
 *
 * @param open how to open a socket; a test routes it through a proxy
 */
export function ownedSockets(open: ISocketFactory = openSocket): OwnedSockets {
  const sockets = new Set<Socket>();
  let destroyed = false;
  return {
    socketFactory(args) {
      if (destroyed) throw new Error('the client was abandoned');
      const socket = open(args);
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      return socket;
    },
    destroy() {
      destroyed = true;
      for (const socket of sockets) socket.destroy(new Error('the client was abandoned'));
    },
  };
}

export const openSocket: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  // The types say that there always are TLS options; without TLS there are none.
  const options = ssl as typeof ssl | null;
  const isPlain = options === null || options === undefined;
  const socket = isPlain ? net.connect({ host, port, noDelay: true }, onConnect) : connectByTls();
  return socket.setKeepAlive(true, KEEP_ALIVE_MS);

  function connectByTls(): Socket {
    const name = net.isIP(host) === 0 ? { servername: host } : {};
    const encrypted = tls.connect({ host, port, ...name, ...options }, onConnect);
    adviseOnErrors(encrypted, 'HOOKLINE_KAFKA');
    return encrypted.setNoDelay(true);
  }
};
