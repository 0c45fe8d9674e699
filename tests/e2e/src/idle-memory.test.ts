import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { INGEST, PROCESSOR, startSystem, type System } from './system/start-system.ts';

const ROOT = new URL('../../../', import.meta.url);
const MAX_MB = 130;

let system: System;

beforeAll(async () => {
  await build();
  system = await startSystem({ partitions: 24 });
}, 180_000);
afterAll(() => system?.stop());

/** As `npm run build` does for what the services need; a moment where nothing has changed. */
async function build(): Promise<void> {
  const at = (path: string) => fileURLToPath(new URL(path, ROOT));
  const projects = ['services/ingest', 'services/processor'].map(at);
  const child = spawn(process.execPath, [at('node_modules/typescript/bin/tsc'), '-b', ...projects]);
  const [[code], output] = await Promise.all([once(child, 'close'), text(child.stdout)]);
  if (code !== 0) throw new Error(`The services were not built:\n${output}`);
}

/** Resident set of a process, as the kernel counts it, in MB. */
async function residentMb(pid: number): Promise<number> {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kib) * 1024) / 1e6;
}

// Elsewhere the number would have to come from other tools, which count other things.
const onLinux = process.platform === 'linux' ? it : it.skip;

describe('an idle service, built as for production', () => {
  onLinux.each([INGEST, PROCESSOR])('%s takes less than 130 MB of memory', async (main) => {
    // From dist, without the source condition, and without what measuring coverage costs.
    const service = system.start({ main: main.replace('/src/main.ts', '/dist/main.js'), from: 'dist' });
    await service.untilReady();
    const resident = await residentMb(service.pid);
    expect((await service.stop()).code).toBe(0);
    expect(resident).toBeGreaterThan(20);
    expect(resident).toBeLessThan(MAX_MB);
  });
});
