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

/** Why containers cannot be used here, or undefined when they can. */
export async function dockerProblem(
  connect: () => Promise<{ host: string }> = connectDocker,
  timeoutMs = ANSWER_TIMEOUT_MS,
): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, `no answer in ${timeoutMs / 1000} s`);
  });
  try {
    return await Promise.race([silence, connect().then(({ host }) => hostProblem(host), reasonOf)]);
  } finally {
    clearTimeout(timer);
  }
}

/** Addresses are promised on the loopback interface, and brokers announce theirs before they start. */
function hostProblem(host: string): string | undefined {
  return ['localhost', '127.0.0.1'].includes(host) ? undefined : `its ports are on ${host}, not on this machine`;
}

function reasonOf(error: Error): string {
  return error.message;
}
