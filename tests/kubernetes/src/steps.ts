import { setTimeout as delay } from 'node:timers/promises';
import { NAMESPACE, must, type Cluster, type PodState } from './cluster.ts';
import type { Verdict } from './ledger.ts';
import { roll, template } from './release.ts';
import { query, startTraffic } from './traffic.ts';

export interface Bench {
  cluster: Cluster;
  /** Of the images under test, and of those before. */
  tag: string;
  previous: string | undefined;
}

/** What a step has shown, in words; it throws where it has shown the contrary. */
export type Step = (bench: Bench) => Promise<string>;

const SERVICES = ['ingest', 'processor', 'relay'];
/** Traffic before and behind what a step does. */
const LEAD_MS = 5_000;
/** Long enough for three failed probes of liveness, which would be a restart. */
const UNREACHABLE_MS = 45_000;

const senderImage = ({ tag }: Bench): string => `hookline/cli:${tag}`;

/** The steps by their names, in their order. */
export const STEPS: Readonly<Record<string, Step>> = {
  async validate({ cluster, tag }) {
    const said = await cluster.dryRun(must('helm template', await template(cluster, tag)));
    return `the server takes ${said.trim().split('\n').length} objects, strictly`;
  },

  async install(bench) {
    const began = Date.now();
    must('helm install', await roll(bench.cluster, bench.previous ?? bench.tag));
    const ready = seconds(began);
    const traffic = await startTraffic(bench.cluster, senderImage(bench));
    const first = seconds(began);
    if (Date.now() - began > 180_000) throw new Error(`The first 202 came after ${first}.`);
    return `ready after ${ready}, first 202 after ${first}; ${judged(await traffic.end())}`;
  },

  async load(bench) {
    return underLoad(bench, () => delay(LEAD_MS));
  },

  async 'kill-pods'(bench) {
    return underLoad(bench, async () => {
      for (const service of SERVICES) {
        const [victim] = (await bench.cluster.pods()).filter(({ component }) => component === service);
        await bench.cluster.kubectl('delete', 'pod', victim?.name as string, '--grace-period=0', '--force');
      }
      await allReady(bench, 6);
    });
  },

  // What a drain of a node does, one eviction after another, each as soon as the budget allows it.
  async 'evict-all'(bench) {
    return underLoad(bench, async () => {
      for (const { name } of await bench.cluster.pods()) await evict(bench.cluster, name);
      await allReady(bench, 6);
    });
  },

  async upgrade(bench) {
    const before = await bench.cluster.pods();
    const verdict = await underLoad(bench, async () => {
      const stamp = { stamp: String(Date.now()) };
      const annotations = Object.fromEntries(SERVICES.map((name) => [`${name}.podAnnotations`, stamp]));
      must('helm upgrade', await roll(bench.cluster, bench.tag, annotations));
      await allReady(bench, 6);
    });
    const left = (await bench.cluster.pods()).filter(({ uid }) => before.some((old) => old.uid === uid));
    if (left.length > 0) throw new Error(`${left.map(({ name }) => name).join(', ')} are still the old ones.`);
    return `from ${bench.previous ?? bench.tag} to ${bench.tag}; ${verdict}`;
  },

  async back(bench) {
    return underLoad(bench, async () => {
      must('helm rollback', await bench.cluster.helm('rollback', 'hookline', '--wait', '--timeout', '300s'));
      await allReady(bench, 6);
    });
  },

  async 'failing-migration'(bench) {
    const { cluster } = bench;
    const before = await cluster.pods();
    // The first one makes tables, which are there. Not the last one: a grant can be given twice.
    const [first] = await query(cluster, 'select min(name) from hookline.hookline_migrations');
    await query(cluster, `delete from hookline.hookline_migrations where name = '${first}'`);
    try {
      return await underLoad(bench, async () => {
        const { ok } = await roll(cluster, bench.tag, { 'processor.podAnnotations': { stamp: 'never' } });
        if (ok) throw new Error('The upgrade went through.');
        const now = await cluster.pods();
        const same = before.every(({ uid }) => now.some((pod) => pod.uid === uid && pod.isReady));
        if (!same) throw new Error('Pods were replaced.');
        const log = await cluster.kubectl('logs', 'job/hookline-migrations', '--tail=3');
        return `${first} failed: ${log.trim().split('\n')[0]?.slice(0, 120)}`;
      });
    } finally {
      await query(
        cluster,
        `insert into hookline.hookline_migrations (name, batch, migration_time) values ('${first}', 99, now())`,
      );
    }
  },

  async 'wrong-secret'(bench) {
    const { cluster } = bench;
    const verdict = await underLoad(bench, async () => {
      const changes = { 'database.processor.key': 'wrong' };
      const { ok } = await roll(cluster, bench.tag, changes, { seconds: 45 });
      if (ok) throw new Error('The upgrade went through.');
      const waiting = (await cluster.pods()).filter(({ component, isReady }) => component === 'processor' && !isReady);
      const reason = await reasonOf(cluster, waiting);
      const restarts = waiting.reduce((sum, pod) => sum + pod.restarts, 0);
      if (waiting.length !== 1 || restarts > 0) throw new Error(`${waiting.length} wait, with ${restarts} restarts.`);
      return `one new processor waits, not restarted: ${reason}`;
    });
    must('helm upgrade', await roll(cluster, bench.tag));
    await allReady(bench, 6);
    return verdict;
  },

  async 'kafka-unreachable'(bench) {
    return unreachable(bench, 'kafka', ['ingest', 'processor']);
  },

  async 'database-unreachable'(bench) {
    return unreachable(bench, 'postgres', ['processor', 'relay']);
  },
};

/** Runs it in the middle of traffic, and gives what it says, if it says anything, and the verdict. */
async function underLoad(bench: Bench, act: () => Promise<string | void>): Promise<string> {
  const traffic = await startTraffic(bench.cluster, senderImage(bench));
  await delay(LEAD_MS);
  const said = await act();
  await delay(LEAD_MS);
  return [said, judged(await traffic.end())].filter(Boolean).join('; ');
}

function judged({ accepted, lost, doubled, reordered, refused }: Verdict): string {
  const said =
    `${accepted} accepted, ${lost.length} lost, ${doubled.length} doubled, ${reordered.length} reordered, ` +
    `not accepted at first: ${JSON.stringify(refused)}`;
  if (accepted === 0 || lost.length + doubled.length + reordered.length > 0) throw new Error(said);
  return said;
}

async function allReady({ cluster }: Bench, count: number): Promise<void> {
  const isReady = async (): Promise<boolean> => {
    const staying = (await cluster.pods()).filter(({ isGoing }) => !isGoing);
    return staying.length === count && staying.every((pod) => pod.isReady);
  };
  await cluster.until(`${count} pods are ready`, isReady, 180_000);
}

async function evict(cluster: Cluster, name: string): Promise<void> {
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: NAMESPACE } };
  const path = `/api/v1/namespaces/${NAMESPACE}/pods/${name}/eviction`;
  const isEvicted = async (): Promise<boolean> => {
    const { ok, stderr } = await cluster.create(path, eviction);
    if (!ok && !/TooManyRequests|disruption budget|NotFound/.test(stderr)) throw new Error(stderr);
    return ok || /NotFound/.test(stderr);
  };
  await cluster.until(`${name} may be evicted`, isEvicted, 180_000);
}

/** What a pod that is not ready says in its log. */
async function reasonOf(cluster: Cluster, pods: readonly PodState[]): Promise<string> {
  const [pod] = pods;
  if (pod === undefined) return 'none waits';
  const lines = (await cluster.kubectl('logs', pod.name))
    .split('\n')
    .filter((line) => /"level":"?(warn|error|40|50)/.test(line));
  const [first] = lines;
  if (first === undefined) throw new Error(`${pod.name} does not say why it is not ready.`);
  const { msg, err } = JSON.parse(first) as { msg: string; err?: { message?: string } };
  return `"${msg}${err?.message ? `: ${err.message}` : ''}" (${lines.length} lines)`;
}

/** New pods for which a Service leads nowhere, beside old ones whose connections are left: those are what goes on. */
async function unreachable(bench: Bench, name: string, services: readonly string[]): Promise<string> {
  const { cluster } = bench;
  const leadTo = (app: string): Promise<string> =>
    cluster.kubectl('patch', 'service', name, '--patch', JSON.stringify({ spec: { selector: { app } } }));
  return underLoad(bench, async () => {
    await leadTo('nowhere');
    try {
      await cluster.kubectl('rollout', 'restart', ...services.map((service) => `deployment/hookline-${service}`));
      await delay(UNREACHABLE_MS);
      const waiting = (await cluster.pods()).filter(({ isReady, isGoing }) => !isReady && !isGoing);
      const restarts = waiting.reduce((sum, pod) => sum + pod.restarts, 0);
      if (waiting.length !== services.length || restarts > 0) {
        throw new Error(`${waiting.length} pods wait, with ${restarts} restarts.`);
      }
      const reasons = await Promise.all(waiting.map((pod) => reasonOf(cluster, [pod])));
      return `after ${UNREACHABLE_MS / 1000} s ${waiting.length} new pods wait, none restarted: ${reasons.join(', ')}`;
    } finally {
      await leadTo(name);
      await allReady(bench, 6);
    }
  });
}

function seconds(began: number): string {
  return `${((Date.now() - began) / 1000).toFixed(0)} s`;
}
