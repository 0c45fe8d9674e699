import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kafkaProperties } from '../kafka-properties.ts';
import { jwksArguments, scramArguments, secureProperties } from '../secure/kafka-listeners.ts';
import { tail } from '../log-tail.ts';
import type { PartsRequest } from '../provider.ts';
import { kafkaAnswers } from '../readiness.ts';
import type { Part } from '../stack.ts';
import { StackError } from '../stack-error.ts';
import { kafkaJars } from './maven.ts';
import { processPart } from './process-part.ts';
import { run } from './run.ts';
import { javaProgram } from './tools.ts';

const HEAP = ['-Xms128m', '-Xmx512m', '-XX:+ExitOnOutOfMemoryError'];

/** For what answers few requests: starting fast matters more than running fast. */
const FAST_START = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/** A broker as a process; node 1 holds the controller too. */
export function kafkaProcess(request: PartsRequest, nodeId: number): Part {
  const { layout, directory } = request;
  const port = layout.ports.kafka[nodeId - 1] ?? 0;
  const name = `kafka-${nodeId}`;
  const logDirectory = join(directory, name);
  const file = join(directory, `${name}.properties`);
  const secure = request.secure?.kafka;
  const plain = kafkaProperties({
    nodeId,
    controller: `127.0.0.1:${layout.ports.controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${port}`,
    controllerListener: `CONTROLLER://127.0.0.1:${layout.ports.controller}`,
    advertisedListeners: `PLAINTEXT://127.0.0.1:${port}`,
    interBrokerListener: 'PLAINTEXT',
    logDirectory,
  });
  const properties = secure ? { ...plain, ...secureProperties(plain, secure.listeners, secure.users) } : plain;

  return processPart({
    name,
    port,
    directory,
    onPartEnd: request.onPartEnd,
    stopSignal: 'SIGTERM',
    async prepare() {
      await mkdir(logDirectory, { recursive: true });
      await writeFile(file, toProperties(properties));
      await format(logDirectory, layout.clusterId, file, secure ? scramArguments(secure.users) : []);
    },
    command: async () => ({
      program: javaProgram(),
      args: [
        ...HEAP,
        ...(secure ? [...FAST_START, ...jwksArguments(secure.users)] : []),
        '-cp',
        join(await kafkaJars(), '*'),
        'kafka.Kafka',
        file,
      ],
      cwd: directory,
    }),
    answers: () => kafkaAnswers(port, nodeId, layout.clusterId),
  });
}

/** Once per data directory; a second time would be a second of Java for nothing. */
async function format(logDirectory: string, clusterId: string, file: string, more: string[]): Promise<void> {
  if (await stat(join(logDirectory, 'meta.properties')).catch(() => undefined)) return;
  const { code, output } = await run(javaProgram(), [
    ...[...FAST_START, '-cp', join(await kafkaJars(), '*')],
    ...['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', file, ...more],
  ]);
  if (code !== 0) throw new StackError(`Formatting Kafka's data directory failed (exit code ${code}):${tail(output)}`);
}

/** Backslashes are escapes in a properties file. */
function toProperties(properties: Record<string, string>): string {
  const lines = Object.entries(properties).map(([key, value]) => `${key}=${value.replaceAll('\\', '\\\\')}\n`);
  return lines.join('');
}
