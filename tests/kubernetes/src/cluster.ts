import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { Settings } from './settings.ts';

export interface Ran {
  ok: boolean;
  stdout: string;
  stderr: string;
}

/** A pod, as far as steps look at it. */
export interface PodState {
  name: string;
  uid: string;
  component: string;
  isReady: boolean;
  isGoing: boolean;
  restarts: number;
}

export interface Cluster {
  /** Throws with what kubectl says where it fails. */
  kubectl(...args: string[]): Promise<string>;
  tryKubectl(...args: string[]): Promise<Ran>;
  /** Applies objects by the server, which refuses fields that do not exist. */
  apply(objects: readonly object[]): Promise<void>;
  /** What the server says to manifests that it is only to look at; throws where it would refuse one. */
  dryRun(manifests: string): Promise<string>;
  /** Posts an object to a path of the API. */
  create(path: string, object: object): Promise<Ran>;
  helm(...args: string[]): Promise<Ran>;
  /** Pods of the release. */
  pods(): Promise<PodState[]>;
  /** Polls until it holds. Throws after that time, with what is missing. */
  until(what: string, holds: () => Promise<boolean>, ms: number): Promise<void>;
}

export const NAMESPACE = 'hookline-test';
export const RELEASE = 'hookline';
const POLL_MS = 500;

export function createCluster({ prefix, kubeconfig }: Settings): Cluster {
  const run = (program: string, args: readonly string[], input = ''): Promise<Ran> => {
    const [first, ...rest] = [...prefix, program, ...args];
    return runProgram(first as string, rest, input, kubeconfig);
  };
  const tryKubectl = (...args: string[]): Promise<Ran> => run('kubectl', ['--namespace', NAMESPACE, ...args]);
  const kubectl = async (...args: string[]): Promise<string> => must(`kubectl ${args[0]}`, await tryKubectl(...args));
  return {
    kubectl,
    tryKubectl,
    async apply(objects) {
      const items = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
      const args = ['--namespace', NAMESPACE, 'apply', '--server-side', '--force-conflicts', '--validate=strict'];
      must('kubectl apply', await run('kubectl', [...args, '-f', '-'], items));
    },
    async dryRun(manifests) {
      const args = ['--namespace', NAMESPACE, 'apply', '--dry-run=server', '--validate=strict', '-f', '-'];
      return must('kubectl apply --dry-run=server', await run('kubectl', args, manifests));
    },
    create: (path, object) => run('kubectl', ['create', '--raw', path, '-f', '-'], JSON.stringify(object)),
    helm: (...args) => run('helm', ['--namespace', NAMESPACE, ...args]),
    async pods() {
      const selector = `app.kubernetes.io/instance=${RELEASE},app.kubernetes.io/component in (ingest,processor,relay)`;
      return podStates(await kubectl('get', 'pods', '--selector', selector, '--output', 'json'));
    },
    async until(what, holds, ms) {
      const end = Date.now() + ms;
      while (!(await holds())) {
        if (Date.now() > end) throw new Error(`Not within ${ms / 1000} s: ${what}.`);
        await delay(POLL_MS);
      }
    },
  };
}

export async function runProgram(
  program: string,
  args: readonly string[],
  input = '',
  kubeconfig?: string,
): Promise<Ran> {
  const env = kubeconfig === undefined ? process.env : { ...process.env, KUBECONFIG: kubeconfig };
  const child = spawn(program, args, { stdio: 'pipe', env });
  child.stdin.end(input);
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { ok: code === 0, stdout, stderr };
}

export function must(what: string, { ok, stdout, stderr }: Ran): string {
  if (!ok) throw new Error(`${what}: ${(stderr || stdout).trim()}`);
  return stdout;
}

interface RawPod {
  metadata: { name: string; uid: string; labels: Record<string, string>; deletionTimestamp?: string };
  status: {
    conditions?: { type: string; status: string }[];
    containerStatuses?: { restartCount: number }[];
  };
}

function podStates(json: string): PodState[] {
  const { items } = JSON.parse(json) as { items: RawPod[] };
  return items.map(({ metadata, status }) => ({
    name: metadata.name,
    uid: metadata.uid,
    component: metadata.labels['app.kubernetes.io/component'] as string,
    isReady: (status.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    isGoing: metadata.deletionTimestamp !== undefined,
    restarts: (status.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0),
  }));
}
