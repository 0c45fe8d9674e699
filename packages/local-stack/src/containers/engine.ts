import type { ContainerRuntimeClient } from 'testcontainers';

const ANSWER_TIMEOUT_MS = 2000;

/** The Docker client that Testcontainers found. */
export type Docker = ContainerRuntimeClient['container']['dockerode'];

/** On every container, network and volume that we make; its value is the stack's id. */
export const STACK_LABEL = 'dev.hookline.stack';

/** Rejects when no engine answers. */
export async function connectDocker(): Promise<{ docker: Docker; host: string }> {
  // Testcontainers' own reaper is one more image to pull, and does what our guardian does.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  const { getContainerRuntimeClient } = await import('testcontainers');
  const client = await getContainerRuntimeClient();
  return { docker: client.container.dockerode, host: client.info.containerRuntime.host };
}

/** Why containers cannot be used here, or undefined when they can. Takes two seconds at most. */
export async function dockerProblem(): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, ANSWER_TIMEOUT_MS, `no answer in ${ANSWER_TIMEOUT_MS / 1000} s`);
  });
  try {
    return await Promise.race([silence, ask()]);
  } finally {
    clearTimeout(timer);
  }
}

async function ask(): Promise<string | undefined> {
  try {
    const { host } = await connectDocker();
    // Addresses are promised on the loopback interface, and brokers announce theirs before they start.
    return ['localhost', '127.0.0.1'].includes(host) ? undefined : `its ports are on ${host}, not on this machine`;
  } catch (error) {
    return (error as Error).message;
  }
}
