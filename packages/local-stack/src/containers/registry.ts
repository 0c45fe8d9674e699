import { registryAnswers } from '../readiness.ts';
import type { Part } from '../stack.ts';
import { containerPart } from './container-part.ts';
import type { ContainerContext } from './context.ts';
import { IMAGES } from './images.ts';

const DATA = '/var/lib/hookline-registry';

/** The schema registry in a container, its schemas in an H2 file. */
export function registryContainer(context: ContainerContext): Part {
  const port = context.layout.ports.registry;
  return containerPart({
    ...context,
    name: 'registry',
    image: IMAGES.registry,
    port,
    containerPort: 8080,
    environment: {
      APICURIO_STORAGE_KIND: 'sql',
      APICURIO_STORAGE_SQL_KIND: 'h2',
      APICURIO_DATASOURCE_URL: `jdbc:h2:file:${DATA}/registry`,
    },
    // The published image's own user may not write to a volume that the engine has made.
    user: 'root',
    volume: context.volume('registry', DATA),
    answers: () => registryAnswers(port),
  });
}
