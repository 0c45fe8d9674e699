import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { KAFKA_VERSION, REGISTRY_VERSION, type StackAddresses } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';

/** Which versions are measured: of Hookline, of what it runs on, and of the clients that it speaks to them by. */
export async function readVersions(stack: Pick<StackAddresses, 'databaseUrl'>): Promise<Record<string, string>> {
  const database = connectTo(stack.databaseUrl);
  try {
    const { rows } = await database.query<{ version: string }>(`select current_setting('server_version') as version`);
    return {
      Hookline: await readCommit(),
      Node: process.version,
      PostgreSQL: rows[0]?.version ?? 'unknown',
      Kafka: KAFKA_VERSION,
      Apicurio: REGISTRY_VERSION,
      ...readClients(),
    };
  } finally {
    await database.close();
  }
}

/** The commit, and whether something was changed since; of a tree without its history the version of the package. */
async function readCommit(): Promise<string> {
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const { version } = createRequire(import.meta.url)('../../../package.json') as { version: string };
  try {
    const { stdout } = await promisify(execFile)('git', ['describe', '--always', '--dirty'], { cwd: root });
    return `${version} (${stdout.trim()})`;
  } catch {
    return version;
  }
}

function readClients(): Record<string, string> {
  const ours = createRequire(import.meta.url);
  const versionOf = (owner: string, name: string): string => {
    const { dependencies } = ours(`../../../packages/${owner}/package.json`) as {
      dependencies: Record<string, string>;
    };
    return dependencies[name] ?? 'unknown';
  };
  return { KafkaJS: versionOf('kafka', 'kafkajs'), pg: versionOf('database', 'pg') };
}
