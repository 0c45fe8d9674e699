import { connectDocker, STACK_LABEL } from './engine.ts';

export interface RemoveOptions {
  /** Default: volumes go too. */
  keepVolumes?: boolean;
}

/** Removes every container and network of a stack, running or not, and its volumes. What is gone already is no error. */
export async function removeLabelled(stackId: string, options: RemoveOptions = {}): Promise<void> {
  const { docker } = await connectDocker();
  const filters = JSON.stringify({ label: [`${STACK_LABEL}=${stackId}`] });
  const containers = await docker.listContainers({ all: true, filters });
  await Promise.allSettled(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
  const networks = await docker.listNetworks({ filters });
  await Promise.allSettled(networks.map(({ Id }) => docker.getNetwork(Id).remove()));
  if (options.keepVolumes) return;
  const { Volumes } = await docker.listVolumes({ filters });
  await Promise.allSettled(Volumes.map(({ Name }) => docker.getVolume(Name).remove()));
}
