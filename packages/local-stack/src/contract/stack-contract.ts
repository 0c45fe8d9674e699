import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectDocker, STACK_LABEL } from '../containers/engine.ts';
import { guard, release } from '../guardian/guardian.ts';
import type { StackLayout } from '../layout.ts';
import { descendants, isRunning } from '../process-tree.ts';
import { kafkaAnswers, postgresAnswers, registryAnswers } from '../readiness.ts';
import { removeStackData } from '../remove-stack-data.ts';
import { startStack } from '../start-stack.ts';
import type { Part, ProviderName, Stack } from '../stack.ts';
import { waitUntil } from '../wait-until.ts';
import { clusterPorts, readFromAll, writeToAll, type Written } from './probes.ts';

const START_TIMEOUT_MS = 240_000;

/**
 * What every provider promises; the suites of later packages rely on it. Each argument is about a whole stack of real
 * servers, so that starts are shared where an argument allows it.
 */
export function stackContract(provider: ProviderName): void {
  describe(`a stack of ${provider}`, () => {
    let stack: Stack;
    let written: Written;
    const probes: [string, (it: Stack) => Part, (port: number) => Promise<boolean>][] = [
      ['kafka', (it) => it.kafka[0] as Part, (port) => kafkaAnswers(port, 1)],
      ['registry', (it) => it.registry, registryAnswers],
      ['postgres', (it) => it.postgres, postgresAnswers],
    ];

    beforeAll(async () => {
      stack = await startStack({ provider });
      written = await writeToAll(stack);
    }, START_TIMEOUT_MS);
    afterAll(() => stack?.stop(), START_TIMEOUT_MS);

    async function expectAllKept(): Promise<void> {
      expect(await readFromAll(stack, written)).toEqual({
        endOffset: '1',
        subjects: [`${written.topic}-control`, `${written.topic}-value`],
        rows: [{ value: 'kept' }],
      });
    }

    it('answers at its addresses, all on the loopback interface', async () => {
      await expectAllKept();
      expect(stack.addresses.provider).toBe(provider);
      for (const address of [...stack.addresses.brokers, stack.addresses.registryUrl, stack.addresses.databaseUrl]) {
        expect(address).toContain('127.0.0.1:');
      }
    });

    // One test for each server: a failure names it.
    it.each(probes)(
      '%s keeps its data and address when it stops and starts',
      async (_, part, answers) => {
        const { port } = part(stack);
        await part(stack).stop();
        await expect(answers(port)).rejects.toThrow();
        await part(stack).start();
        expect(part(stack).port).toBe(port);
        await expectAllKept();
      },
      START_TIMEOUT_MS,
    );

    it.each(probes)(
      '%s keeps what it acknowledged when it is killed',
      async (_, part, answers) => {
        await part(stack).kill();
        await expect(answers(part(stack).port)).rejects.toThrow();
        await part(stack).start();
        await expectAllKept();
      },
      START_TIMEOUT_MS,
    );

    it.each(probes)(
      '%s is silent while it is frozen, and goes on afterwards',
      async (_, part, answers) => {
        await part(stack).pause();
        await expect(answers(part(stack).port)).rejects.toThrow();
        await part(stack).resume();
        await waitUntil('answer', 30_000, () => answers(part(stack).port));
        await expectAllKept();
      },
      START_TIMEOUT_MS,
    );

    it(
      'starting what runs and stopping what does not change nothing',
      async () => {
        await stack.registry.start();
        await stack.registry.stop();
        await stack.registry.stop();
        await stack.registry.kill();
        await stack.registry.start();
        await expectAllKept();
      },
      START_TIMEOUT_MS,
    );

    it(
      'leaves room for another one beside it',
      async () => {
        const other = await startStack({ provider, parts: ['postgres'], ports: { postgres: stack.postgres.port } });
        expect(other.postgres.port).not.toBe(stack.postgres.port);
        expect(other.addresses.brokers).toEqual([]);
        expect(() => other.registry).toThrow(/started without registry/);
        await other.stop();
        await expectAllKept();
      },
      START_TIMEOUT_MS,
    );
  });

  describe(`two brokers of ${provider}`, () => {
    let stack: Stack;
    beforeAll(async () => {
      stack = await startStack({ provider, brokers: 2, parts: ['kafka'] });
    }, START_TIMEOUT_MS);
    afterAll(() => stack?.stop(), START_TIMEOUT_MS);

    it(
      'are one cluster, and the first goes on without the second',
      async () => {
        const ports = stack.kafka.map(({ port }) => port).sort((a, b) => a - b);
        expect(ports).toHaveLength(2);
        expect(await clusterPorts(stack)).toEqual(ports);
        await stack.kafka[1]?.kill();
        await waitUntil('the loss to be noticed', 30_000, async () => (await clusterPorts(stack)).length === 1);
        await stack.kafka[1]?.start();
        expect(await clusterPorts(stack)).toEqual(ports);
      },
      START_TIMEOUT_MS,
    );
  });

  describe(`a data directory of ${provider}`, () => {
    let dataDirectory: string;
    beforeAll(async () => {
      dataDirectory = await mkdtemp(join(tmpdir(), 'hookline-data-'));
    });
    afterAll(() => rm(dataDirectory, { recursive: true, force: true }));

    it(
      'keeps data and addresses until it is removed, and serves one stack at a time',
      async () => {
        const first = await startStack({ provider, dataDirectory });
        const written = await writeToAll(first);
        await expect(startStack({ provider, dataDirectory })).rejects.toThrow(/in use by another stack/);
        await first.stop();
        await first.stop();

        const second = await startStack({ provider, dataDirectory });
        expect(second.addresses).toEqual(first.addresses);
        expect(await readFromAll(second, written)).toMatchObject({ endOffset: '1', rows: [{ value: 'kept' }] });
        await second.stop();

        const { id } = JSON.parse(await readFile(join(dataDirectory, 'stack.json'), 'utf8')) as StackLayout;
        await removeStackData(dataDirectory);
        expect(await dockerRemains(provider, id)).toEqual([]);
        expect(existsSync(dataDirectory)).toBe(false);
      },
      START_TIMEOUT_MS,
    );
  });

  describe(`an owner of ${provider}`, () => {
    let temporary: string;
    beforeAll(async () => {
      temporary = await mkdtemp(join(tmpdir(), 'hookline-owner-'));
    });
    afterAll(() => rm(temporary, { recursive: true, force: true }));

    it(
      'alone gets Ctrl-C, and when it is killed nothing of its stack is left',
      async () => {
        const owner = await startOwner(provider, temporary);
        const layout = await readOnlyLayout(temporary);
        const below = descendants(owner.pid);

        process.kill(-owner.pid, 'SIGINT');
        expect(await owner.nextLine()).toBe('answers');

        process.kill(owner.pid, 'SIGKILL');
        await waitUntil('the guardian to clean up', 60_000, async () => {
          const isEmpty = (await stackDirectories(temporary)).length === 0;
          return isEmpty && !below.some(isRunning) && (await dockerRemains(provider, layout.id)).length === 0;
        });
        release({ kind: 'process', id: String(owner.pid) });
      },
      START_TIMEOUT_MS,
    );
  });
}

async function startOwner(provider: ProviderName, temporary: string) {
  const owner = spawn(process.execPath, [...process.execArgv, OWNER, provider], {
    // A group of its own, as a shell would give it, so that Ctrl-C can be sent to the whole of it.
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: temporary },
  });
  const pid = owner.pid ?? 0;
  guard({ kind: 'process', id: String(pid) });
  const lines = createInterface({ input: owner.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string | undefined> => (await lines.next()).value;
  expect(await nextLine()).toBe('runs');
  return { pid, nextLine };
}

async function readOnlyLayout(temporary: string): Promise<StackLayout> {
  const [directory] = await stackDirectories(temporary);
  return JSON.parse(await readFile(join(directory ?? '', 'stack.json'), 'utf8')) as StackLayout;
}

/** Without what is not a stack's: the directory of ports that are taken, and a lock file of Testcontainers. */
async function stackDirectories(temporary: string): Promise<string[]> {
  const names = await readdir(temporary);
  return names.filter((name) => name.startsWith('hookline-stack-')).map((name) => join(temporary, name));
}

/** What a stack has in Docker. */
async function dockerRemains(provider: ProviderName, stackId: string): Promise<string[]> {
  if (provider === 'processes') return [];
  const { docker } = await connectDocker();
  const filters = JSON.stringify({ label: [`${STACK_LABEL}=${stackId}`] });
  const [containers, networks, { Volumes }] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    docker.listVolumes({ filters }),
  ]);
  return [...containers.map(({ Id }) => Id), ...networks.map(({ Id }) => Id), ...Volumes.map(({ Name }) => Name)];
}

const OWNER = fileURLToPath(new URL('./owner.ts', import.meta.url));
