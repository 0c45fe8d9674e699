import { createKafka } from '@hookline/kafka';
import { createLogger } from '@hookline/runtime';
import { connect } from 'node:net';

type Admin = ReturnType<ReturnType<typeof createKafka>['admin']>;

const logger = createLogger({ service: 'ask-each-broker', level: 'silent' });

/**
 * Asks each of these brokers (`host:port`) by itself. KafkaJS asks whichever it likes, and for a moment one broker still
 * believes what another knows no more: it acknowledges what is sent to a topic that is deleted.
 */
export function askEachBroker<T>(brokers: readonly string[], ask: (admin: Admin) => Promise<T>): Promise<T[]> {
  return Promise.all(brokers.map((broker) => askBroker(broker, ask)));
}

async function askBroker<T>(broker: string, ask: (admin: Admin) => Promise<T>): Promise<T> {
  const { hostname, port } = new URL(`kafka://${broker}`);
  const admin = createKafka(
    {
      brokers: [broker],
      clientId: 'ask-each-broker',
      // Whichever broker KafkaJS means.
      openSocket: ({ onConnect }) => connect({ host: hostname, port: Number(port) }, onConnect),
    },
    logger,
  ).admin();
  await admin.connect();
  try {
    return await ask(admin);
  } finally {
    await admin.disconnect();
  }
}
