// The processor as in production, with a handler that lets deliveries do harm to its process.
import net from 'node:net';
import { createProcessor, processorSettings, repositoryActivity } from '@hookline/processor';
import { runService } from '@hookline/runtime';
import { createHarm, createMoody, HARMS } from './harm.ts';

const { env } = process;
const harm = HARMS.find((known) => known === env['HARM']) ?? 'none';
const { harmful, aroundDatabase } = createHarm(harm, env);
const brokerPort = env['BROKER_PORT'];

await runService({
  name: 'hookline-processor',
  description: 'is a processor that comes to harm.',
  ...processorSettings,
  create: (context) =>
    createProcessor(context, {
      handlers: [repositoryActivity, createMoody(env), harmful],
      aroundDatabase,
      // Whatever address Kafka says: the link of the test leads there.
      ...(brokerPort && {
        openSocket: ({ onConnect }) => net.connect({ host: '127.0.0.1', port: Number(brokerPort) }, onConnect),
      }),
    }),
});
