import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { testDatabase } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import { expect, it } from '@jest/globals';
import { countCosts } from './count-costs.ts';

it('counts what is sent to the database, by the pool and by clients of it', async () => {
  const costs = countCosts();
  const database = costs.aroundDatabase(connectTo((await testDatabase()).url));
  await database.query('select 1');
  const client = await database.acquire();
  await client.query('begin; set local lock_timeout = 1');
  expect(client.inTransaction()).toBe(true);
  await client.query('commit');
  client.release();
  await database.close();
  expect(costs.read().roundTrips).toBe(3);
});

const MIB = 2 ** 20;

// In a process of its own, as a bench's programs are: here, the garbage of other tests is freed meanwhile, and would be missing.
it('counts what was allocated, on the heap also what was thrown away since, and in buffers', async () => {
  const program = fileURLToPath(new URL('testing/allocate.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program]);
  const { allocatedBytes } = JSON.parse(stdout) as { allocatedBytes: number };
  expect(allocatedBytes).toBeGreaterThan(250 * MIB);
  expect(allocatedBytes).toBeLessThan(400 * MIB);
});
