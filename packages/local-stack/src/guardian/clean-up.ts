import { rm } from 'node:fs/promises';
import { removeLabelled } from '../containers/remove-labelled.ts';
import { descendants, isRunning, signal } from '../process-tree.ts';
import { waitUntil } from '../wait-until.ts';
import type { Ward } from './guardian.ts';

const PATIENCE_MS = 30_000;

/** Kills and removes all of it, servers before the files they have open. One failure does not stop the others. */
export async function cleanUp(wards: Ward[]): Promise<void> {
  const ids = (kind: Ward['kind']): string[] => wards.filter((ward) => ward.kind === kind).map(({ id }) => id);
  await Promise.allSettled([
    ...ids('process').map((id) => killTree(Number(id))),
    ...ids('docker').map((id) => removeLabelled(id)),
    ...ids('docker-keep-volumes').map((id) => removeLabelled(id, { keepVolumes: true })),
  ]);
  await Promise.allSettled(ids('path').map((id) => rm(id, { recursive: true, force: true, maxRetries: 5 })));
}

/** SIGKILL to a process and everything below it; resolves when they are gone. */
export async function killTree(pid: number): Promise<void> {
  // Stopped first: what cannot run cannot fork behind our back.
  signal(pid, 'SIGSTOP');
  const tree = [pid, ...descendants(pid)];
  for (const each of tree) signal(each, 'SIGKILL');
  await waitUntil(`end of process ${pid}`, PATIENCE_MS, () => tree.every((each) => !isRunning(each)));
}
