// `npm run test:images`: builds the images, looks into them, and sends a delivery through the composed system. It needs a
// container engine and Compose; -- --built takes the images that are there.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { spawnSync } from 'node:child_process';
import { buildArguments } from '../../../scripts/images/build-arguments.ts';
import type { Bill } from '../../../scripts/images/complete-bill.ts';
import { ask, findEngine } from '../../../scripts/images/engine.ts';
import { readSource } from '../../../scripts/images/source.ts';
import { TARGETS } from '../../../scripts/images/targets.ts';
import { root } from '../../../scripts/tools.ts';
import { checkBill, checkImage, checkSame } from './check-image.ts';
import { checkDelivery, checkStop, createExampleTables } from './check-system.ts';
import { composedSystem, findCompose } from './compose.ts';

const EXTENDED = 'hookline-test/processor:example';
const AGAIN = 'hookline-test/processor:again';

const { values } = parseArgs({ options: { built: { type: 'boolean', default: false } } });
const engine = findEngine();
const composeCommand = findCompose();
if (engine === null || composeCommand === null) {
  console.error('test:images needs a container engine that answers (Docker, Podman), and Compose.');
  process.exit(1);
}
const source = readSource(root);
let passed = 0;
let failed = 0;

if (!values.built) await step('build all images', () => run('scripts/images.ts'));
for (const { name } of TARGETS) {
  const image = `hookline/${name}:${source.version}`;
  await step(
    `${image} is small, has no tools, and runs as nobody`,
    async () => `${(await checkImage(engine, image, source)).toFixed(0)} MB`,
  );
  await step(`its bill of materials is complete`, async () => {
    const file = join(root, 'dist/sbom', `${name}-${source.version}.cdx.json`);
    return `${await checkBill(engine, image, JSON.parse(readFileSync(file, 'utf8')) as Bill)} components`;
  });
}
await step('a second build without a cache holds the same files', async () => {
  const [command = '', ...args] = buildArguments({ name: 'processor', folder: '' }, [AGAIN], source);
  ask(engine, [command, '--no-cache', '--quiet', ...args]);
  try {
    return `${await checkSame(engine, `hookline/processor:${source.version}`, AGAIN)} files`;
  } finally {
    ask(engine, ['image', 'rm', AGAIN]);
  }
});
await step('the processor is extended by handlers', () => {
  ask(engine, ['build', '--tag', EXTENDED, join(root, 'examples/handlers')]);
});
await composed(engine, composeCommand);

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function composed(engine: string, command: readonly string[]): Promise<void> {
  const system = composedSystem(root, command, {
    project: `hookline-test-${process.pid}`,
    environment: {
      COMPOSE_PROFILES: '',
      INGEST_PORT: String(await freePort()),
      PROCESSOR_IMAGE: EXTENDED,
    },
  });
  try {
    await step('compose brings up the whole system', () => {
      system.compose(['up', '--detach', '--no-build']);
      createExampleTables(system, root);
    });
    await step('a signed delivery is processed by the handlers', () => checkDelivery(system, root));
    for (const service of ['ingest', 'processor', 'jobs', 'relay']) {
      await step(`${service} ends with 0 on SIGTERM`, () => checkStop(engine, system, service));
    }
  } finally {
    system.compose(['down', '--volumes', '--timeout', '5']);
  }
}

async function step(title: string, work: () => unknown): Promise<void> {
  const began = performance.now();
  try {
    const told = await work();
    passed++;
    console.log(`✓ ${title}${typeof told === 'string' ? `: ${told}` : ''} (${seconds(began)})`);
  } catch (error) {
    failed++;
    console.log(`✗ ${title} (${seconds(began)})\n${error instanceof Error ? error.message : String(error)}`);
  }
}

function run(script: string): void {
  const { status } = spawnSync(process.execPath, [...process.execArgv, script], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${script} ended with exit code ${String(status)}.`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
