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

it('counts what was allocated, on the heap also what was thrown away since, and in buffers', () => {
  // What was there before is not counted.
  const before = Buffer.alloc(500 * MIB);
  const costs = countCosts();
  // Kept: what buffers hold is freed beside the program, whenever, and may be missing then.
  const kept = Array.from({ length: 100 }, (_, n) => Buffer.alloc(MIB, n));
  let thrownAway = 0;
  while (thrownAway < 100 * MIB) thrownAway += 8 * Array.from({ length: 1024 }, () => 0.5).length;
  const { allocatedBytes } = costs.read();
  expect(allocatedBytes).toBeGreaterThan(200 * MIB);
  expect(allocatedBytes).toBeLessThan(400 * MIB);
  expect([before.length, kept.length]).toEqual([500 * MIB, 100]);
});
