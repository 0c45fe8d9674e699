import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../../../', import.meta.url);

/** As `npm run build` does for what the services need; a moment where nothing has changed. */
export async function build(): Promise<void> {
  const at = (path: string) => fileURLToPath(new URL(path, ROOT));
  const projects = ['services/ingest', 'services/processor'].map(at);
  const child = spawn(process.execPath, [at('node_modules/typescript/bin/tsc'), '-b', ...projects]);
  const [[code], output] = await Promise.all([once(child, 'close'), text(child.stdout)]);
  if (code !== 0) throw new Error(`The services were not built:\n${output}`);
}

/** Resident set of a process, as the kernel of Linux counts it, in MB. */
export async function residentMb(pid: number): Promise<number> {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kib) * 1024) / 1e6;
}
