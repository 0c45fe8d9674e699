import { GenericContainer, type WaitStrategy } from 'testcontainers';
import { tail } from '../log-tail.ts';
import type { Part } from '../stack.ts';
import { StackError } from '../stack-error.ts';
import { waitUntil } from '../wait-until.ts';
import { type Docker, STACK_LABEL } from './engine.ts';

/** Includes what a published image takes to start; pulling it is not counted. */
const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_S = 30;

export type Container = ReturnType<Docker['getContainer']>;

export interface ContainerPartOptions {
  docker: Docker;
  stackId: string;
  name: string;
  image: string;
  /** On the loopback interface, fixed, so that it stays the same over a restart. */
  port: number;
  containerPort: number;
  environment: Record<string, string>;
  command?: string[];
  user?: string;
  network?: string;
  /** A named volume and where the server keeps its data; without it data lives and dies with the container. */
  volume: { name: string; target: string } | undefined;
  answers(): Promise<boolean>;
}

/** A server in a container. `stop` and `kill` leave the container, and `start` starts it again. */
export function containerPart(options: ContainerPartOptions): Part {
  const { name, port, docker } = options;
  let container: Container | undefined;

  return {
    name,
    port,
    async start() {
      if (container === undefined) {
        const started = await build(options).start();
        container = docker.getContainer(started.getId());
        return;
      }
      if ((await container.inspect()).State.Running) return;
      await container.start();
      await ready(options, container);
    },
    async stop() {
      if (await isRunning(container)) await container?.stop({ t: STOP_TIMEOUT_S });
    },
    async kill() {
      if (!(await isRunning(container))) return;
      await container?.kill();
      await container?.wait();
    },
    async pause() {
      await container?.pause();
    },
    async resume() {
      if (container && (await container.inspect()).State.Paused) await container.unpause();
    },
  };
}

/** Testcontainers binds to every interface; a stack is for this machine only. */
class LoopbackContainer extends GenericContainer {
  protected override async beforeContainerCreated(): Promise<void> {
    for (const bindings of Object.values(this.hostConfig.PortBindings as Record<string, { HostIp?: string }[]>)) {
      for (const binding of bindings) binding.HostIp = '127.0.0.1';
    }
  }
}

function build(options: ContainerPartOptions): GenericContainer {
  const container = new LoopbackContainer(options.image)
    .withLabels({ [STACK_LABEL]: options.stackId })
    .withExposedPorts({ container: options.containerPort, host: options.port })
    .withEnvironment(options.environment)
    .withWaitStrategy(untilReady(options));
  if (options.command) container.withCommand(options.command);
  if (options.user) container.withUser(options.user);
  if (options.network) container.withNetworkMode(options.network).withNetworkAliases(options.name);
  if (options.volume) container.withBindMounts([{ source: options.volume.name, target: options.volume.target }]);
  return container;
}

/** Ready is when the server answers a real question from here, not when a port is open or a line is logged. */
function untilReady(options: ContainerPartOptions): WaitStrategy {
  const strategy: WaitStrategy = {
    waitUntilReady: (container) => ready(options, container),
    withStartupTimeout: () => strategy,
    isStartupTimeoutSet: () => true,
    getStartupTimeout: () => START_TIMEOUT_MS,
  };
  return strategy;
}

async function ready({ name, image, answers }: ContainerPartOptions, container: Container): Promise<void> {
  let exit: string | undefined;
  try {
    await waitUntil(
      name,
      START_TIMEOUT_MS,
      async () => {
        const { State } = await container.inspect();
        if (!State.Running) exit = `ended with exit code ${State.ExitCode}`;
        return exit === undefined && (await answers());
      },
      () => exit,
    );
  } catch (error) {
    const { message } = error as Error;
    throw new StackError(`${message} while starting. End of the log of ${image}:${await logs(container)}`, {
      cause: error,
    });
  }
}

async function isRunning(container: Container | undefined): Promise<boolean> {
  return container !== undefined && (await container.inspect()).State.Running;
}

/** The log is a stream of frames, each with a header of eight bytes; control characters are left out. */
async function logs(container: Container): Promise<string> {
  const text = String(await container.logs({ stdout: true, stderr: true, tail: 20 }));
  // oxlint-disable-next-line no-control-regex
  return tail(text.replaceAll(/[\u0000-\u0009\u000b-\u001f\ufffd]/g, ''));
}
