import net from 'node:net';
import type { OpenSocket } from '@hookline/kafka';

/** Which port to take instead, for each broker's own port, as `{"9092": 31000}`. */
export const ROUTES = 'CRASH_ROUTES';

/** Opens connections to brokers through the links of this process: what Kafka advertises stays as it is. */
export function routedSockets(environment: NodeJS.ProcessEnv = process.env): OpenSocket {
  const routes = JSON.parse(environment[ROUTES] ?? '{}') as Record<string, number>;
  return ({ host, port, onConnect }) =>
    net.connect({ host, port: routes[String(port)] ?? port, noDelay: true }, onConnect).setKeepAlive(true, 60_000);
}
