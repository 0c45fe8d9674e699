import { describe, expect, it } from '@jest/globals';
import { createDatabase, type Database } from '@hookline/database';
import { createLogger, createMetrics, systemClock } from '@hookline/runtime';
import { createRelayEvents } from '../events.ts';
import { createHeldShards } from '../leases/held-shards.ts';
import { createQueueBudget } from '../queue/queue-budget.ts';
import { createShardQueue } from '../queue/shard-queue.ts';
import { createSettler } from './settler.ts';

const logger = createLogger({ service: 'test', level: 'silent' });
const events = createRelayEvents(logger, createMetrics({ service: 'test' }), systemClock);
const room = createQueueBudget({ entries: 10, bytes: 10_000 }).open();
const held = createHeldShards(() => createShardQueue({ entriesPerKey: 1, room })).add(
  { consumerGroup: 'g', topic: 't', partition: 0, epoch: 1n },
  { monotonic: 0, wall: 0 },
);

/** A server that nobody listens for: each transaction fails as it does when the database is away. */
function away(): Database {
  return createDatabase({
    url: 'postgresql://nobody@127.0.0.1:1/none',
    poolSize: 1,
    applicationName: 'test',
    queryTimeoutMs: 1000,
    connectTimeoutMs: 1000,
    onConnectionError: () => {},
  });
}

describe('the settler', () => {
  it('keeps what it could not write, and waits longer each time', async () => {
    const database = away();
    const settler = createSettler({ database, events, relay: 'r', statementTimeoutMs: 1000, random: () => 0 });
    expect(await settler.tick()).toBeNull();
    const written: boolean[] = [];
    const end = { state: 'sent', result: null } as const;
    for (const effectId of ['one', 'two']) {
      settler.add({ held, effectId, end, onWritten: (isOurs) => void written.push(isOurs) });
    }
    await expect(settler.tick()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    // One at a time from now on, and none is lost.
    for (let n = 0; n < 4; n++) await expect(settler.tick()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(written).toEqual([]);
    expect([1, 2, 99].map((failures) => settler.failed(new Error('away'), failures))).toEqual([25, 50, 2500]);
    await database.close();
  });
});
