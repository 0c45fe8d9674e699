import { connect } from 'node:net';

const METADATA_KEY = 3;
const METADATA_VERSION = 4;
const CLIENT_ID = 'hookline-local-stack';

export interface Brokers {
  count: number;
  clusterId: string | null;
}

/**
 * How many brokers a broker knows, and of which cluster: the smallest request that shows that it serves, spoken by hand because a client
 * library would retry, log and keep connections while the server starts. Rejects when there is no answer in time.
 * Protocol: https://kafka.apache.org/protocol#The_Messages_Metadata
 */
export function describeBrokers(host: string, port: number, timeoutMs = 1000): Promise<Brokers> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const chunks: Buffer[] = [];
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`${host}:${port} did not answer in ${timeoutMs} ms`)));
    socket.on('connect', () => socket.write(metadataRequest()));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`${host}:${port} closed the connection`)));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      const answer = Buffer.concat(chunks);
      if (answer.length < 4 || answer.length < 4 + answer.readInt32BE(0)) return;
      socket.destroy();
      try {
        resolve(readBrokers(answer));
      } catch (cause) {
        reject(new Error(`${host}:${port} does not answer as Kafka does`, { cause }));
      }
    });
  });
}

/** Throws a RangeError when the answer is shorter than it says. */
function readBrokers(answer: Buffer): Brokers {
  let at = 12; // size, correlation id, throttle time
  const readString = (): string | null => {
    const length = answer.readInt16BE(at);
    at += 2 + Math.max(length, 0);
    if (at > answer.length) throw new RangeError('It ends within a string.');
    return length < 0 ? null : answer.toString('utf8', at - length, at);
  };
  const count = answer.readInt32BE(at);
  at += 4;
  for (let broker = 0; broker < count; broker += 1) {
    at += 4; // node id
    readString(); // host
    at += 4; // port
    readString(); // rack
  }
  return { count, clusterId: readString() };
}

function metadataRequest(): Buffer {
  const clientId = Buffer.from(CLIENT_ID);
  const request = Buffer.alloc(4 + 2 + 2 + 4 + 2 + clientId.length + 4 + 1);
  let at = request.writeInt32BE(request.length - 4, 0);
  at = request.writeInt16BE(METADATA_KEY, at);
  at = request.writeInt16BE(METADATA_VERSION, at);
  at = request.writeInt32BE(1, at); // correlation id
  at = request.writeInt16BE(clientId.length, at);
  at += clientId.copy(request, at);
  at = request.writeInt32BE(0, at); // no topics
  request.writeInt8(0, at); // and create none
  return request;
}
