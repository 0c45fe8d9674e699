import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeRanges, type Database } from '@hookline/database';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { createLogger, createMetrics } from '@hookline/runtime';
import { connectTo } from '@hookline/test-support';
import { createDatabaseGauges } from './database-gauges.ts';

const WEEK_S = 7 * 24 * 3600;
const HORIZON_MS = 1_209_600_000;

let own: TestDatabase;
/** With the rights of a processor. */
let database: Database;

beforeAll(async () => {
  own = await testDatabase();
  database = connectTo(own.services.processor);
  await makeRanges(database);
});
afterAll(async () => {
  await database.close();
  await own.drop();
});

function setUp() {
  const lines: string[] = [];
  const metrics = createMetrics({ service: 'test' });
  const logger = createLogger({ service: 'test', level: 'info', destination: { write: (line) => lines.push(line) } });
  const gauges = createDatabaseGauges(metrics, logger, HORIZON_MS);
  const values = async (name: string) => (await metrics.registry.getSingleMetric(name)?.get())?.values ?? [];
  return { gauges, lines, values };
}

describe('createDatabaseGauges', () => {
  // What an alert on retention is made of: the oldest range, the horizon, and the end of what can be written.
  it('shows what waits in the outbox, and the bounds of each table in ranges', async () => {
    const { gauges, values } = setUp();
    await gauges.tick(database);
    expect(await values('hookline_outbox_oldest_timestamp_seconds')).toMatchObject([{ value: 0 }]);
    expect(await values('hookline_horizon_seconds')).toMatchObject([{ value: HORIZON_MS / 1000 }]);
    const [from, to] = [
      await values('hookline_ranges_from_timestamp_seconds'),
      await values('hookline_ranges_to_timestamp_seconds'),
    ];
    expect(from.map(({ labels }) => labels['table'])).toEqual(['audit_log', 'processed_deliveries', 'settled_effects']);
    expect(to.map(({ value }, i) => value - (from[i]?.value ?? 0))).toEqual([3 * WEEK_S, 3 * WEEK_S, 3 * WEEK_S]);
    const now = Date.now() / 1000;
    for (const { value } of from) expect(value).toBeLessThanOrEqual(now);
    for (const { value } of to) expect(value).toBeGreaterThan(now + WEEK_S);
  });

  it('shows since when the oldest effect waits', async () => {
    const { gauges, values } = setUp();
    const owner = connectTo(own.url);
    await owner.query(
      `insert into hookline.partition_offsets (consumer_group, topic, kafka_partition, next_offset, epoch, owner)
       values ('g', 't', 0, 0, 1, 'test')`,
    );
    await owner.query(
      `insert into hookline.outbox
              (consumer_group, topic, kafka_partition, effect_id, ordering_key, queue, kind, handler, effect_key, source,
               dedup_scope, guid, digest, event, incarnation, kafka_offset, request, created_at)
       values ('g', 't', 0, gen_random_uuid(), 'a', '', 'http.post', 'h', '#0', 'main', 'main', gen_random_uuid(),
               sha256('x'), 'push', 1, 0, '{}', to_timestamp(1234.5))`,
    );
    const oldest = () => values('hookline_outbox_oldest_timestamp_seconds');
    await gauges.tick(database);
    expect(await oldest()).toMatchObject([{ value: 1234.5 }]);
    await owner.query('truncate hookline.outbox');
    await owner.close();
    await gauges.tick(database);
    expect(await oldest()).toMatchObject([{ value: 0 }]);
  });

  it('keeps what it saw while the database is away, and says so', async () => {
    const { gauges, lines, values } = setUp();
    await gauges.tick(database);
    const before = await values('hookline_ranges_to_timestamp_seconds');
    const away = connectTo('postgresql://nobody@127.0.0.1:1/none');
    await gauges.tick(away);
    await away.close();
    expect(await values('hookline_ranges_to_timestamp_seconds')).toEqual(before);
    expect(lines.join('')).toContain('the database was not looked at for its gauges; trying again');
  });
});
