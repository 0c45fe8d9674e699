import net from 'node:net';
import type { OpenSocket } from '../client/create-kafka.ts';

/** Connections whose brokers' answers a test changes on their way. */
export interface ChangedAnswers {
  openSocket: OpenSocket;
  /** Changes what has arrived; null: as it is. */
  change: ((bytes: Buffer) => Buffer) | null;
}

export function changedAnswers(): ChangedAnswers {
  const changed: ChangedAnswers = {
    openSocket({ host, port, onConnect }) {
      const socket = net.connect({ host, port, noDelay: true }, onConnect);
      const push = socket.push.bind(socket);
      socket.push = (chunk: Buffer | null, encoding) =>
        push(chunk === null || changed.change === null ? chunk : changed.change(chunk), encoding);
      return socket;
    },
    change: null,
  };
  return changed;
}
