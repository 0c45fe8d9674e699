import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PartsRequest } from '../provider.ts';
import { REGISTRY_IDENTITY, registryAnswers } from '../readiness.ts';
import type { Part } from '../stack.ts';
import { registryApp } from './maven.ts';
import { processPart } from './process-part.ts';
import { javaProgram } from './tools.ts';

/** For a server that answers a few requests a minute: starting fast matters more than running fast. */
const JVM = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

/** The schema registry as a process, its schemas in an H2 file. */
export function registryProcess({ layout, directory, onPartEnd }: PartsRequest): Part {
  const port = layout.ports.registry;
  const data = join(directory, 'registry');
  return processPart({
    name: 'registry',
    port,
    directory,
    onPartEnd,
    stopSignal: 'SIGTERM',
    prepare: async () => {
      await mkdir(data, { recursive: true });
    },
    command: async () => ({
      program: javaProgram(),
      args: [
        ...JVM,
        `-Dquarkus.http.header."${REGISTRY_IDENTITY}".value=${layout.id}`,
        '-jar',
        join(await registryApp(), 'runner.jar'),
      ],
      cwd: data,
      env: {
        QUARKUS_HTTP_HOST: '127.0.0.1',
        QUARKUS_HTTP_PORT: String(port),
        APICURIO_STORAGE_KIND: 'sql',
        APICURIO_STORAGE_SQL_KIND: 'h2',
        APICURIO_DATASOURCE_URL: `jdbc:h2:file:${join(data, 'registry')}`,
      },
    }),
    answers: () => registryAnswers(port, layout.id),
  });
}
