import { DATABASE_PASSWORD, DATABASE_USER, postgresAnswers } from '../readiness.ts';
import type { Part } from '../stack.ts';
import { containerPart } from './container-part.ts';
import type { ContainerContext } from './context.ts';
import { IMAGES } from './images.ts';

const MAX_CONNECTIONS = 300;

/** PostgreSQL in a container. */
export function postgresContainer(context: ContainerContext): Part {
  const port = context.layout.ports.postgres;
  return containerPart({
    ...context,
    name: 'postgres',
    image: IMAGES.postgres,
    port,
    containerPort: 5432,
    environment: { POSTGRES_USER: DATABASE_USER, POSTGRES_PASSWORD: DATABASE_PASSWORD },
    command: ['postgres', '-c', `max_connections=${MAX_CONNECTIONS}`],
    // From 18 on the image keeps its data two levels below this.
    volume: context.volume('postgres', '/var/lib/postgresql'),
    answers: () => postgresAnswers(port),
  });
}
