import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { build, residentMb } from './system/resident.ts';
import { INGEST, PROCESSOR, startSystem, type System } from './system/start-system.ts';

const MAX_MB = 130;

let system: System;

beforeAll(async () => {
  await build();
  system = await startSystem({ partitions: 24 });
}, 180_000);
afterAll(() => system?.stop());

// Elsewhere the number would have to come from other tools, which count other things.
const onLinux = process.platform === 'linux' ? it : it.skip;

describe('an idle service, built as for production', () => {
  onLinux.each([INGEST, PROCESSOR])('%s takes less than 130 MB of memory', async (main) => {
    // From dist, without the source condition, and without what measuring coverage costs.
    const service = system.start({ main: main.replace('/src/main.ts', '/dist/main.js'), from: 'dist' });
    await service.untilReady();
    const resident = await residentMb(service.pid);
    const variables = await readFile(`/proc/${service.pid}/environ`, 'utf8');
    expect((await service.stop()).code).toBe(0);
    expect(resident).toBeGreaterThan(20);
    expect(resident).toBeLessThan(MAX_MB);
    expect(variables).not.toContain('NODE_V8_COVERAGE');
  });
});
