import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { effectId } from '@hookline/contracts';
import {
  commit,
  hintRelays,
  makeRanges,
  takeOverPartition,
  transaction,
  writeOutbox,
  type Database,
  type EffectToWrite,
  type Fence,
} from '@hookline/database';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import {
  createHealth,
  createLogger,
  createMetrics,
  readConfig,
  systemClock,
  type Health,
  type Service,
} from '@hookline/runtime';
import { aDelivery, connectTo } from '@hookline/test-support';
import { relayOptions } from '../config.ts';
import { createRelay, type RelayOverrides } from '../create-relay.ts';

const PLACE = { consumerGroup: 'hookline-processor', topic: 'github.deliveries' };

export interface GivenEffect {
  orderingKey?: string;
  kind?: string;
  queue?: string;
  partition?: number;
  request?: unknown;
}

export interface TestRelay {
  service: Service;
  health: Health;
  stop(): Promise<void>;
  metric(name: string): Promise<string>;
}

/** A database with partitions that processors own, and relays in this process. */
export interface RelayWorld {
  /** As its owner sees it. */
  database: Database;
  /** As relays reach it. */
  url(): string;
  /** Writes effects as a processor does, in one transaction per partition, and hints; returns their ids in this order. */
  give(effects: readonly GivenEffect[]): Promise<string[]>;
  start(overrides?: RelayOverrides, env?: Record<string, string>): Promise<TestRelay>;
  /** What of these effects is not settled yet, by state. */
  states(ids: readonly string[]): Promise<Record<string, number>>;
}

export function relayWorld(partitions = 4): RelayWorld {
  let own: TestDatabase;
  let database: Database;
  const fences: Fence[] = [];
  const running = new Set<Service>();

  beforeAll(async () => {
    own = await testDatabase();
    database = connectTo(own.url);
    await makeRanges(database);
    for (let partition = 0; partition < partitions; partition++) {
      const taken = await takeOverPartition(database, { ...PLACE, partition }, 'test', 0n);
      if (!taken.success) throw new Error(taken.reason);
      fences.push(taken.fence);
    }
  });
  afterEach(async () => {
    await Promise.all([...running].map((service) => service.stop()));
    running.clear();
    await database.query(
      'truncate hookline.outbox, hookline.settled_effects, hookline.audit_log, hookline.outbox_shards',
    );
  });
  afterAll(async () => {
    await database.close();
    await own.drop();
  });

  return {
    database: {
      query: (text, values) => database.query(text, values),
      acquire: () => database.acquire(),
      close: () => database.close(),
    },
    url: () => own.services.relay,
    async give(effects) {
      const written = effects.map((effect) => toWrite(effect));
      for (const fence of fences) {
        const here = written.filter(({ record }) => record.partition === fence.partition);
        if (here.length > 0) await transaction(database, {}, async (tx) => commit(await writeOutbox(tx, fence, here)));
      }
      await hintRelays(database);
      return written.map(({ handler, requested, record: { delivery } }) =>
        effectId({ ...delivery, handler, key: requested.key }),
      );
    },
    async start(overrides = {}, env = {}) {
      const read = readConfig(relayOptions, {
        HOOKLINE_DATABASE_URL: own.services.relay,
        HOOKLINE_OUTBOX_POLL_MS: '100',
        ...env,
      });
      if (!read.success) throw new Error(read.errors.join('\n'));
      const health = createHealth();
      const metrics = createMetrics({ service: 'test' });
      const logger = createLogger({
        service: 'test',
        level: process.env['RELAY_TEST_LOG'] === '1' ? 'debug' : 'silent',
      });
      const context = { config: read.config, logger, metrics, health, clock: systemClock };
      const service = createRelay(context, overrides);
      running.add(service);
      await service.start();
      return {
        service,
        health,
        async stop() {
          running.delete(service);
          await service.stop();
        },
        metric: (name) => metrics.registry.getSingleMetricAsString(name),
      };
    },
    async states(ids) {
      const { rows } = await database.query<{ state: string; n: number }>(
        `select coalesce(effect.state, 'settled') as state, count(*)::integer as n
           from unnest($1::uuid[]) as asked (effect_id) left join hookline.outbox as effect using (effect_id)
          group by 1`,
        [ids],
      );
      return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
    },
  };
}

function toWrite(given: GivenEffect): EffectToWrite {
  const {
    orderingKey = 'github.com/repository/1',
    kind = 'test.send',
    queue = '',
    request = {},
    partition = 0,
  } = given;
  const key = randomUUID();
  return {
    handler: 'test',
    requested: { kind, key, queue, request, withBody: false },
    record: { partition, offset: 0n, orderingKey, delivery: aDelivery() },
    incarnation: 1,
  };
}
