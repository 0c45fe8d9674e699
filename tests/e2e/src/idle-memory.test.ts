import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { build, residentMb } from './system/resident.ts';
import { INGEST, PROCESSOR, startSystem, type System } from './system/start-system.ts';

/** The second takes 24 partitions over, and goes on growing for some seconds when it is ready: to 140, here. */
const MAX_MB = [
  [INGEST, 130],
  [PROCESSOR, 150],
] as const;

let system: System;

beforeAll(async () => {
  await build();
  system = await startSystem({ partitions: 24 });
}, 180_000);
afterAll(() => system?.stop());

// Elsewhere the number would have to come from other tools, which count other things.
const onLinux = process.platform === 'linux' ? it : it.skip;

describe('an idle service, built as for production', () => {
  onLinux.each(MAX_MB)('%s takes less than %d MB of memory', async (main, maxMb) => {
    // From dist, without the source condition, and without what measuring coverage costs.
    const service = system.start({ main: main.replace('/src/main.ts', '/dist/main.js'), from: 'dist' });
    await service.untilReady();
    const resident = await residentMb(service.pid);
    const variables = await readFile(`/proc/${service.pid}/environ`, 'utf8');
    expect((await service.stop()).code).toBe(0);
    expect(resident).toBeGreaterThan(20);
    expect(resident).toBeLessThan(maxMb);
    expect(variables).not.toContain('NODE_V8_COVERAGE');
  });
});
