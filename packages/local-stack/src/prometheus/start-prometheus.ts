import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, releasePort } from '../free-ports.ts';
import { startProcess } from '../processes/background-process.ts';
import { logTail } from '../log-tail.ts';
import { waitUntil } from '../wait-until.ts';

export interface PrometheusSettings {
  program: string;
  /** Files of rules; patterns are taken. */
  rules?: readonly string[];
  /** Where to scrape, `host:port`, by the name of the job. */
  targets: Readonly<Record<string, string>>;
  /** Between two scrapes, and between two evaluations of the rules; default 1. */
  intervalSeconds?: number;
}

/** A series, or a sample of it, as Prometheus' API gives it. */
export interface PrometheusSeries {
  metric: Record<string, string>;
  /** Of an instant: time, and value as text. */
  value?: [number, string];
  /** Of a range. */
  values?: [number, string][];
}

/** A Prometheus of its own, on a free port of this machine, with its data in a temporary directory. */
export interface LocalPrometheus {
  url: string;
  /** Asks its API (`query`, `query_range`, …) and resolves to `data`; rejects with what it says of an error. */
  ask<T>(path: string, parameters?: Readonly<Record<string, string>>): Promise<T>;
  /** The result of a query now. */
  query(expression: string): Promise<PrometheusSeries[]>;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;

export async function startPrometheus(settings: PrometheusSettings): Promise<LocalPrometheus> {
  const { program, rules = [], targets, intervalSeconds = 1 } = settings;
  const [directory, port] = await Promise.all([mkdtemp(join(tmpdir(), 'hookline-prometheus-')), freePort()]);
  const configuration = {
    global: { scrape_interval: `${intervalSeconds}s`, evaluation_interval: `${intervalSeconds}s` },
    rule_files: rules,
    scrape_configs: Object.entries(targets).map(([job, target]) => ({
      job_name: job,
      static_configs: [{ targets: [target] }],
    })),
  };
  const [file, log] = [join(directory, 'prometheus.json'), join(directory, 'log')];
  // JSON is YAML.
  await writeFile(file, JSON.stringify(configuration));
  const args = [
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(directory, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const server = await startProcess({ program, args, cwd: directory }, log);
  const url = `http://127.0.0.1:${port}`;

  async function stop(): Promise<void> {
    await server.stop('SIGTERM');
    releasePort(port);
    await rm(directory, { recursive: true, force: true });
  }
  async function ask<T>(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<T> {
    const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`);
    const answer = (await response.json()) as { status: string; data: T; error?: string };
    if (answer.status !== 'success') throw new Error(`${parameters['query'] ?? path}: ${answer.error ?? 'failed'}`);
    return answer.data;
  }
  try {
    await waitUntil(
      'Prometheus is ready',
      START_TIMEOUT_MS,
      async () => (await fetch(`${url}/-/ready`)).ok,
      () => server.ended(),
    );
  } catch (error) {
    const said = await logTail(log);
    await stop();
    throw new Error(`Prometheus did not start:${said}`, { cause: error });
  }
  return {
    url,
    ask,
    query: async (expression) => (await ask<{ result: PrometheusSeries[] }>('query', { query: expression })).result,
    stop,
  };
}
