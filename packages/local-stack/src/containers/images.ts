import type { PartKind } from '../stack.ts';
import { StackError } from '../stack-error.ts';
import { KAFKA_VERSION, POSTGRES_VERSION, REGISTRY_VERSION } from '../versions.ts';
import { connectDocker } from './engine.ts';

export const IMAGES: Record<PartKind, string> = {
  kafka: `apache/kafka:${KAFKA_VERSION}`,
  registry: `apicurio/apicurio-registry:${REGISTRY_VERSION}`,
  postgres: `postgres:${POSTGRES_VERSION}`,
};

/** Whether the engine has an image already. */
export async function hasImage(image: string): Promise<boolean> {
  const { docker } = await connectDocker();
  return docker
    .getImage(image)
    .inspect()
    .then(
      () => true,
      () => false,
    );
}

/** Pulls with the credentials of the user's Docker configuration, as Testcontainers reads them. */
export async function pullImage(image: string): Promise<void> {
  const { getContainerRuntimeClient, ImageName } = await import('testcontainers');
  const client = await getContainerRuntimeClient();
  try {
    await client.image.pull(ImageName.fromString(image));
  } catch (cause) {
    const { message } = cause as Error;
    throw new StackError(
      `Pulling ${image} failed (${message}). Check that the engine reaches its registry, or use processes instead.`,
      { cause },
    );
  }
}
