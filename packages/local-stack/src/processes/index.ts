import type { PartKind } from '../stack.ts';
import { StackError } from '../stack-error.ts';
import type { Parts, PartsRequest, Provider } from '../provider.ts';
import { kafkaProcess } from './kafka.ts';
import { isKafkaCached, isRegistryCached, kafkaJars, registryApp } from './maven.ts';
import { postgresProcess } from './postgres.ts';
import { registryProcess } from './registry.ts';
import { hasMaven, javaVersion, LEAST_JAVA } from './tools.ts';

/** The servers as processes of this machine: Kafka and the registry by Java, PostgreSQL from npm. */
export const processes: Provider = {
  name: 'processes',

  async prepare(kinds, step) {
    const missing = await missingTool();
    if (missing !== undefined && kinds.some((kind) => kind !== 'postgres')) throw new StackError(missing);
    if (kinds.includes('kafka') && !(await isKafkaCached())) await step('download Kafka', kafkaJars);
    if (kinds.includes('registry') && !(await isRegistryCached())) await step('download the registry', registryApp);
  },

  async createParts(request: PartsRequest): Promise<Parts> {
    const has = (kind: PartKind): boolean => request.kinds.includes(kind);
    return {
      kafka: has('kafka') ? request.layout.ports.kafka.map((_, index) => kafkaProcess(request, index + 1)) : [],
      ...(has('registry') ? { registry: registryProcess(request) } : {}),
      ...(has('postgres') ? { postgres: postgresProcess(request) } : {}),
      remove: async () => {},
    };
  },
};

/** What this machine lacks to run the servers as processes, as a sentence that says what to install. */
export async function missingTool(): Promise<string | undefined> {
  const java = await javaVersion();
  if (java === undefined) return `Running Kafka as a process needs Java ${LEAST_JAVA} or later, and there is none.`;
  if (java < LEAST_JAVA) return `Running Kafka as a process needs Java ${LEAST_JAVA} or later; this is Java ${java}.`;
  if ((await isKafkaCached()) && (await isRegistryCached())) return undefined;
  return (await hasMaven())
    ? undefined
    : 'Downloading Kafka and the schema registry needs Maven (mvn), and there is none.';
}
