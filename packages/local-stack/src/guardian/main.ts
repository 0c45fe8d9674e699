// The guardian's process; see guardian.ts. It reads lines until the pipe ends, then cleans up and ends.
import { createInterface } from 'node:readline';
import { cleanUp } from './clean-up.ts';
import type { Ward } from './guardian.ts';

// Ctrl-C, a closing terminal and a polite kill are meant for the owner: as long as the pipe is open, it lives.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => {});

const wards = new Map<string, Ward>();
for await (const line of createInterface({ input: process.stdin })) {
  const { verb, kind, id } = JSON.parse(line) as Ward & { verb: 'add' | 'remove' };
  if (verb === 'add') wards.set(`${kind} ${id}`, { kind, id });
  else wards.delete(`${kind} ${id}`);
}
await cleanUp([...wards.values()]);
