import type { OpenSocket } from '../client/create-kafka.ts';

/** Connections that break at requests of one kind, before the broker has seen anything of them. */
export interface CutRequests {
  openSocket: OpenSocket;
  /** The key of the kind in Kafka's protocol; null: none. */
  cut: number | null;
  /** How many were cut. */
  count: number;
}

export function cutRequests(open: OpenSocket): CutRequests {
  const requests: CutRequests = {
    openSocket(args) {
      const socket = open(args);
      const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
      // KafkaJS writes each request whole: its size, then the key of its kind.
      socket.write = (request: Buffer, ...rest: unknown[]) => {
        if (requests.cut === null || request.readInt16BE(4) !== requests.cut) return write(request, ...rest);
        requests.count += 1;
        socket.destroy(new Error('cut'));
        return false;
      };
      return socket;
    },
    cut: null,
    count: 0,
  };
  return requests;
}
