// `npm run images`: the container images of the services and of the command line, and their bills of materials.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { relative } from 'node:path';
import { buildArguments } from './images/build-arguments.ts';
import { ask, findEngine } from './images/engine.ts';
import { makeBill } from './images/make-bill.ts';
import { parseImages, USAGE } from './images/parse-options.ts';
import type { ImagesOptions } from './images/parse-options.ts';
import { readSource } from './images/source.ts';
import { root } from './tools.ts';

const source = readSource(root);
const parsed = parseImages(process.argv.slice(2), source.version);
if (parsed === 'help') {
  console.log(USAGE);
} else if (parsed.success) {
  process.exitCode = await makeImages(parsed.options);
} else {
  console.error(`${parsed.reason}\n\n${USAGE}`);
  process.exitCode = 2;
}

async function makeImages({ targets, tags, prefix, push, sbom }: ImagesOptions): Promise<number> {
  const engine = findEngine();
  if (engine === null) {
    console.error('No container engine answers: start Docker (or Podman), or set DOCKER_HOST to where it listens.');
    return 1;
  }
  for (const target of targets) {
    const image = `${prefix}${target.name}`;
    const references = tags.map((tag) => `${image}:${tag}`);
    const [reference = '', ...others] = references;
    const began = performance.now();
    if (!(await run(engine, buildArguments(target, references, source)))) return 1;
    const megabytes = (Number(ask(engine, ['image', 'inspect', '--format', '{{.Size}}', reference])) / 1e6).toFixed(0);
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    console.log(
      `Built ${[reference, ...others].join(', ')}: ${megabytes} MB, in ${seconds} s, from ${source.revision}.`,
    );
    if (sbom) {
      const file = await makeBill(root, { engine, target, image, version: tags[0] ?? source.version });
      console.log(`Its bill of materials: ${relative(root, file)}`);
    }
    for (const pushed of push ? references : []) if (!(await run(engine, ['push', pushed]))) return 1;
  }
  return 0;
}

async function run(engine: string, args: readonly string[]): Promise<boolean> {
  const child = spawn(engine, args, { cwd: root, stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code === 0;
}
