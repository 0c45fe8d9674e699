import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { completeBill } from './complete-bill.ts';
import type { Bill } from './complete-bill.ts';
import { withImageFiles } from './image-files.ts';
import { readContent } from './read-content.ts';
import type { Target } from './targets.ts';

/** The pnpm that makes bills of materials; the one that installs is older, and cannot. */
const PNPM = 'pnpm@11.28.11';

/** Writes the bill of materials of an image that was built, and returns its file. */
export async function makeBill(
  root: string,
  { engine, target, image, version }: { engine: string; target: Target; image: string; version: string },
): Promise<string> {
  const bill = packagesOf(root, target);
  const reference = `${image}:${version}`;
  const content = await withImageFiles(engine, reference, (files) => readContent(engine, reference, files));
  const file = join(root, 'dist/sbom', `${target.name}-${version}.cdx.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(completeBill(bill, { image, version, ...content }), null, 2)}\n`);
  return file;
}

/** From the lock file: what is installed for production. */
function packagesOf(root: string, { folder }: Target): Bill {
  const { name } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as { name: string };
  const { status, stdout, stderr } = spawnSync(
    'npx',
    [
      // Not --lockfile-only: with it, it leaves out the packages of the workspace and all that they need.
      ...['--yes', PNPM, '--pm-on-fail=ignore', 'sbom', '--sbom-format', 'cyclonedx', '--prod', '--filter', name],
    ],
    {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      // It needs the Node.js that runs us, not the one that the machine may have.
      env: { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}` },
    },
  );
  if (status !== 0) throw new Error(`pnpm sbom failed for ${name}: ${stderr}`);
  return JSON.parse(stdout) as Bill;
}
