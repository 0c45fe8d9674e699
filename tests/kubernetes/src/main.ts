// `npm run test:kubernetes`: the chart on a real Kubernetes. A line for each step, and `N passed, N failed` as the last.
import { readFileSync } from 'node:fs';
import { backends, secrets } from './backends.ts';
import { createCluster, NAMESPACE, type Cluster } from './cluster.ts';
import { importImages } from './images.ts';
import { readSettings, USAGE, type Settings } from './settings.ts';
import { STEPS, type Bench } from './steps.ts';
import { senderFiles, WEBHOOK_SECRET } from './traffic.ts';

/** Without it the others have nothing to look at. */
const FIRST = 'install';

const settings = settingsOrExit();
if (settings.help) {
  console.log(USAGE);
} else {
  process.exitCode = (await runAll(settings)) ? 0 : 1;
}

function settingsOrExit(): Settings {
  try {
    const read = readSettings(process.argv.slice(2), process.env);
    const unknown = read.only.filter((name) => !(name in STEPS));
    if (unknown.length > 0)
      throw new TypeError(`There is no step ${unknown.join(', ')}: ${Object.keys(STEPS).join(', ')}.`);
    return read;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}

async function runAll(given: Settings): Promise<boolean> {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const cluster = createCluster(given);
  const bench: Bench = { cluster, tag: given.tag ?? version, previous: given.previous };
  const wanted = Object.entries(STEPS).filter(
    ([name]) => given.only.length === 0 || name === FIRST || given.only.includes(name),
  );
  const failed: string[] = [];
  let passed = 0;
  const attempt = async (name: string, act: () => Promise<string>): Promise<boolean> => {
    const began = Date.now();
    const took = (): string => `${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s`;
    try {
      const said = await act();
      console.log(`ok     ${took()}  ${name}: ${said}`);
      passed += 1;
      return true;
    } catch (error) {
      console.log(`FAILED ${took()}  ${name}: ${(error as Error).message}`);
      failed.push(name);
      return false;
    }
  };
  try {
    const isThere =
      (await attempt('images', () => importImages(given, bench.tag))) &&
      (await attempt('backends', () => start(cluster)));
    // Each step leaves behind what the next one needs, or says that it did not.
    for (const [name, step] of isThere ? wanted : []) {
      if (!(await attempt(name, () => step(bench))) && name === FIRST) break;
    }
  } finally {
    if (!given.keep) await cluster.tryKubectl('delete', 'namespace', NAMESPACE, '--wait=false');
  }
  console.log(`${passed} passed, ${failed.length} failed`);
  return failed.length === 0;
}

/** The namespace, which takes restricted pods only where they are ours, and what Hookline needs in it. */
async function start(cluster: Cluster): Promise<string> {
  await cluster.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }]);
  await cluster.apply([...secrets(WEBHOOK_SECRET), senderFiles(), ...backends()]);
  const names = ['kafka', 'registry', 'postgres'];
  await Promise.all(names.map((name) => cluster.kubectl('rollout', 'status', `statefulset/${name}`, '--timeout=300s')));
  return `${names.join(', ')} are ready`;
}
