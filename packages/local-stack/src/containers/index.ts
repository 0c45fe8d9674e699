import { guard, release, type Ward } from '../guardian/guardian.ts';
import type { Parts, PartsRequest, Provider } from '../provider.ts';
import type { PartKind } from '../stack.ts';
import type { ContainerContext } from './context.ts';
import { connectDocker, type Docker, STACK_LABEL } from './engine.ts';
import { hasImage, IMAGES, pullImage } from './images.ts';
import { kafkaContainer } from './kafka.ts';
import { postgresContainer } from './postgres.ts';
import { registryContainer } from './registry.ts';
import { removeLabelled } from './remove-labelled.ts';

/** The servers in Docker containers, by Testcontainers. */
export const containers: Provider = {
  name: 'containers',

  async prepare(kinds, step) {
    for (const image of kinds.map((kind) => IMAGES[kind])) {
      if (!(await hasImage(image))) await step(`pull ${image}`, () => pullImage(image));
    }
  },

  async createParts({ layout, persistent, kinds }: PartsRequest): Promise<Parts> {
    const { docker } = await connectDocker();
    const stackId = layout.id;
    // Of an earlier run whose guardian could not do its work. Volumes are data.
    await removeLabelled(stackId, { keepVolumes: persistent });
    // A killed owner loses containers; what is to survive a stop survives that too.
    const ward: Ward = { kind: persistent ? 'docker-keep-volumes' : 'docker', id: stackId };
    guard(ward);
    const context = await createContext(docker, layout, persistent);
    const has = (kind: PartKind): boolean => kinds.includes(kind);
    return {
      kafka: has('kafka') ? layout.ports.kafka.map((_, index) => kafkaContainer(context, index + 1)) : [],
      ...(has('registry') ? { registry: registryContainer(context) } : {}),
      ...(has('postgres') ? { postgres: postgresContainer(context) } : {}),
      async remove() {
        await removeLabelled(stackId, { keepVolumes: persistent });
        release(ward);
      },
    };
  },
};

async function createContext(
  docker: Docker,
  layout: PartsRequest['layout'],
  persistent: boolean,
): Promise<ContainerContext> {
  const stackId = layout.id;
  const labels = { [STACK_LABEL]: stackId };
  const prefix = `hookline-${stackId}`;
  await docker.createNetwork({ Name: prefix, Labels: labels });
  const volume: ContainerContext['volume'] = (name, target) => {
    return persistent ? { name: `${prefix}-${name}`, target } : undefined;
  };
  if (persistent) {
    const names = [...layout.ports.kafka.map((_, index) => `kafka-${index + 1}`), 'registry', 'postgres'];
    await Promise.all(names.map((name) => docker.createVolume({ Name: `${prefix}-${name}`, Labels: labels })));
  }
  return { docker, stackId, network: prefix, layout, volume };
}
