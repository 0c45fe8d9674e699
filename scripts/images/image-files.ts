import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask } from './engine.ts';

/** Unpacks all files of an image into a temporary folder for as long as `use` runs. */
export async function withImageFiles<T>(
  engine: string,
  image: string,
  use: (folder: string) => T | Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'hookline-image-'));
  const container = ask(engine, ['create', image]);
  try {
    const archive = join(folder, 'files.tar');
    ask(engine, ['export', '--output', archive, container]);
    const files = join(folder, 'files');
    const { status, stderr } = spawnSync('sh', ['-c', 'mkdir "$1" && tar -xf "$0" -C "$1"', archive, files], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`Unpacking ${image} failed: ${stderr}`);
    return await use(files);
  } finally {
    ask(engine, ['rm', container]);
    rmSync(folder, { recursive: true, force: true });
  }
}
