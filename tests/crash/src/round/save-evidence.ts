import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Verdict } from './verdict.ts';

/**
 * Copies what a failed round has left, since the bench takes its directory with it. Resolves to where it is now.
 *
 * @param directory null: a new one in the system's temporary one
 */
export async function saveEvidence({ seed, evidence }: Verdict, directory: string | null = null): Promise<string> {
  const into = directory ? resolve(directory) : await mkdtemp(join(tmpdir(), 'hookline-crash-evidence-'));
  const target = join(into, seed.replaceAll('/', '-'));
  if (evidence) await cp(evidence, target, { recursive: true });
  return target;
}
