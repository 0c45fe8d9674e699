import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import type { Cluster } from './cluster.ts';
import { compare, type Answer, type Processed, type Verdict } from './ledger.ts';

export const WEBHOOK_SECRET = 'kubernetes-test';
const REPOSITORIES = 12;
const PAUSE_MS = 150;

/** Deliveries that go in through the Service, and what became of them. */
export interface Traffic {
  /** Ends the sending, waits until all that was accepted is processed, and compares. */
  end(): Promise<Verdict>;
  /** Answers so far. */
  answers(): Promise<Answer[]>;
}

interface Definition {
  name: string;
  examples: { repository?: object }[];
}

/** Payloads and program of the sender, as a ConfigMap. */
export function senderFiles(): object {
  const definitions = createRequire(import.meta.url)('@octokit/webhooks-examples') as Definition[];
  const payloads = definitions.flatMap(({ name, examples }) =>
    examples.filter(({ repository }) => repository).map((payload) => ({ event: name, payload })),
  );
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'sender' },
    data: { 'sender.mjs': readFileSync(new URL('in-cluster/sender.mjs', import.meta.url), 'utf8') },
    binaryData: { 'payloads.json.gz': gzipSync(JSON.stringify(payloads)).toString('base64') },
  };
}

/** What the sender writes. */
type Line = Answer | { ended: true };

/** Each traffic has repositories of its own, also in a namespace that an earlier run has left. */
let nextRepository = Math.floor(Date.now() / 1000) * 1000;

export async function startTraffic(cluster: Cluster, image: string): Promise<Traffic> {
  const first = nextRepository;
  nextRepository += REPOSITORIES;
  const name = `sender-${first}`;
  const environment = {
    URL_OF_INGEST: 'http://hookline-ingest/webhooks/main',
    SECRET: WEBHOOK_SECRET,
    REPOSITORIES: String(REPOSITORIES),
    PAUSE_MS: String(PAUSE_MS),
    FIRST_REPOSITORY: String(first),
  };
  await cluster.apply([
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: {
        restartPolicy: 'Never',
        enableServiceLinks: false,
        terminationGracePeriodSeconds: 60,
        containers: [
          {
            name: 'sender',
            image,
            imagePullPolicy: 'IfNotPresent',
            command: ['node', '/sender/sender.mjs'],
            env: Object.entries(environment).map(([variable, value]) => ({ name: variable, value })),
            volumeMounts: [{ name: 'sender', mountPath: '/sender' }],
          },
        ],
        volumes: [{ name: 'sender', configMap: { name: 'sender' } }],
      },
    },
  ]);
  const lines = async (): Promise<Line[]> => {
    const { stdout } = await cluster.tryKubectl('logs', name, '--tail=-1');
    // The last one may not be whole yet.
    const whole = stdout.split('\n').slice(0, -1);
    return whole.flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Line] : []));
  };
  const answers = async (): Promise<Answer[]> => (await lines()).filter((line) => 'guid' in line);
  await cluster.until('a first 202', async () => (await answers()).some(({ status }) => status === 202), 180_000);
  return {
    answers,
    async end() {
      // The log goes with the pod: its program is told by a signal, and the pod stays.
      await cluster.kubectl('exec', name, '--', 'node', '-e', 'process.kill(1, "SIGTERM")');
      await cluster.until('the sender has ended', async () => (await lines()).some((line) => 'ended' in line), 120_000);
      const all = await answers();
      const wanted = new Set(all.filter(({ status }) => status === 202 || status === 200).map(({ guid }) => guid));
      let processed: Processed[] = [];
      const isDone = async (): Promise<boolean> => {
        processed = await readProcessed(cluster, first);
        const known = new Set(processed.map(({ guid }) => guid));
        return [...wanted].every((guid) => known.has(guid));
      };
      // What is lost is named by the comparison, rather than by a wait that is over.
      await cluster.until('all is processed', isDone, 120_000).catch(() => {});
      return compare(all, processed);
    },
  };
}

async function readProcessed(cluster: Cluster, first: number): Promise<Processed[]> {
  const rows = await query(
    cluster,
    `select guid || ' ' || split_part(ordering_key, '/', 3) from hookline.audit_log
      where decision = 'processed' and ordering_key like 'github.com/repository/%' order by audit_id`,
  );
  return rows
    .map((row) => ({ guid: row.split(' ')[0] as string, repository: Number(row.split(' ')[1]) }))
    .filter(({ repository }) => repository >= first && repository < first + REPOSITORIES);
}

/** Rows of one text each, as the superuser. */
export async function query(cluster: Cluster, sql: string): Promise<string[]> {
  const psql =
    'PGPASSWORD=$POSTGRES_PASSWORD exec psql -h 127.0.0.1 -U postgres -d hookline -v ON_ERROR_STOP=1 -Atc "$0"';
  const out = await cluster.kubectl('exec', 'postgres-0', '--', 'sh', '-c', psql, sql);
  return out.split('\n').filter((line) => line !== '');
}
