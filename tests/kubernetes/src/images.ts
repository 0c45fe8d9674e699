import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IMAGES } from './backends.ts';
import { must, runProgram } from './cluster.ts';
import type { Settings } from './settings.ts';

const OURS = ['ingest', 'processor', 'relay', 'cli'];

/** Gives the nodes the images, where the settings say how. */
export async function importImages({ importer, archives, previous }: Settings, tag: string): Promise<string> {
  if (importer === undefined) return 'left to the nodes';
  const given = async (archive: string): Promise<void> => {
    const [program, ...args] = [...importer, archive];
    must(`Importing ${archive}`, await runProgram(program, args));
  };
  if (archives.length > 0) {
    for (const archive of archives) await given(archive);
    return `${archives.length} archives`;
  }
  const directory = await mkdtemp(join(tmpdir(), 'hookline-images-'));
  try {
    const tags = previous === undefined ? [tag] : [previous, tag];
    const names = [...tags.flatMap((one) => OURS.map((name) => `hookline/${name}:${one}`)), ...IMAGES];
    const archive = join(directory, 'images.tar');
    must('docker save', await runProgram('docker', ['save', '--output', archive, ...names]));
    await given(archive);
    return `${names.length} images`;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
