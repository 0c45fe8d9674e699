import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { dockerProblem } from './containers/engine.ts';
import { removeLabelled } from './containers/remove-labelled.ts';
import type { StackLayout } from './layout.ts';

/**
 * Removes a data directory and the Docker volumes that belong to it: the next start begins anew. No stack may be
 * running on it. A directory that does not exist is fine.
 */
export async function removeStackData(directory: string): Promise<void> {
  const text = await readFile(join(directory, 'stack.json'), 'utf8').catch(() => undefined);
  if (text !== undefined && (await dockerProblem()) === undefined) {
    await removeLabelled((JSON.parse(text) as StackLayout).id);
  }
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
}
