import { kafkaProperties } from '../kafka-properties.ts';
import { kafkaAnswers } from '../readiness.ts';
import type { Part } from '../stack.ts';
import { containerPart } from './container-part.ts';
import type { ContainerContext } from './context.ts';
import { IMAGES } from './images.ts';

const DATA = '/var/lib/kafka/data';
const CLIENT_PORT = 9092;
const CONTROLLER_PORT = 9093;
const INTERNAL_PORT = 9094;

/** A broker in a container. Clients come by the port of this machine, brokers by names in the stack's network. */
export function kafkaContainer(context: ContainerContext, nodeId: number): Part {
  const { layout } = context;
  const name = `kafka-${nodeId}`;
  const port = layout.ports.kafka[nodeId - 1] ?? 0;
  const properties = kafkaProperties({
    nodeId,
    controller: `kafka-1:${CONTROLLER_PORT}`,
    listeners: `PLAINTEXT://:${CLIENT_PORT},INTERNAL://:${INTERNAL_PORT}`,
    controllerListener: `CONTROLLER://:${CONTROLLER_PORT}`,
    advertisedListeners: `PLAINTEXT://127.0.0.1:${port},INTERNAL://${name}:${INTERNAL_PORT}`,
    interBrokerListener: 'INTERNAL',
    logDirectory: DATA,
  });
  return containerPart({
    ...context,
    name,
    image: IMAGES.kafka,
    port,
    containerPort: CLIENT_PORT,
    environment: {
      ...toEnvironment(properties),
      CLUSTER_ID: layout.clusterId,
      KAFKA_HEAP_OPTS: '-Xms128m -Xmx512m',
    },
    volume: context.volume(name, DATA),
    answers: () => kafkaAnswers(port, nodeId, layout.clusterId),
  });
}

/** The image's rule: `a.b-c_d` is set by `KAFKA_A_B___C__D`. */
export function toEnvironment(properties: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => {
      const name = key.replaceAll('_', '__').replaceAll('-', '___').replaceAll('.', '_').toUpperCase();
      return [`KAFKA_${name}`, value];
    }),
  );
}
