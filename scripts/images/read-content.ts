import { existsSync, globSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from './engine.ts';
import type { ImageContent } from './complete-bill.ts';

interface Manifest {
  name: string;
  version: string;
  license?: string;
}

/** Looks into an image: `files` is the folder that it was unpacked to. */
export function readContent(engine: string, image: string, files: string): Omit<ImageContent, 'image' | 'version'> {
  const versions = ask(engine, [
    'run',
    '--rm',
    '--entrypoint',
    'node',
    image,
    '-p',
    'JSON.stringify(process.versions)',
  ]);
  const manifests = installedManifests(files);
  return {
    runtime: JSON.parse(versions) as Record<string, string>,
    debian: debianPackages(join(files, 'var/lib/dpkg/status.d')),
    licences: new Map(
      manifests.flatMap(({ name, version, license }): [string, string][] =>
        license === undefined ? [] : [[`${name}@${version}`, license]],
      ),
    ),
  };
}

/** The packages of npm that an image holds, ours among them. */
export function installedManifests(files: string): Manifest[] {
  const folders = globSync(['app/node_modules/.pnpm/*/node_modules/{*,@*/*}', 'app/packages/*', 'app/services/*'], {
    cwd: files,
    withFileTypes: true,
  }).filter((entry) => entry.isDirectory());
  return folders
    .map((entry) => join(entry.parentPath, entry.name, 'package.json'))
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as Manifest);
}

function debianPackages(folder: string): ImageContent['debian'] {
  return readdirSync(folder).map((name) => {
    const status = readFileSync(join(folder, name), 'utf8');
    const field = (of: string) => new RegExp(`^${of}: (.+)$`, 'm').exec(status)?.[1] ?? '';
    return { name, version: field('Version'), architecture: field('Architecture') };
  });
}
