import { createHash, randomUUID } from 'node:crypto';
import { partitionOf, type Control } from '@hookline/contracts';
import { recordTopicGeneration, type Database } from '@hookline/database';
import { createSchemaRegistry } from '@hookline/kafka';
import { testDatabase, testStack, testTopic } from '@hookline/local-stack';
import { createLogger } from '@hookline/runtime';
import { connectTo, readRecords } from '@hookline/test-support';
import { runHere } from './run-here.ts';
import type { Ran } from './run-hookline.ts';

export const PARTITIONS = 4;
const GROUP = 'cli-test';

/** A control record that is in the log. */
export interface LoggedControl {
  partition: number;
  offset: bigint;
  key: string | null;
  control: Control;
}

interface Dead {
  key?: string | null;
  handlers?: string[];
  fingerprint?: string;
  partition?: number;
  incarnation?: number;
  appendedAt?: Date;
}

/** A topic and a database of a test's own, in which a test does by hand what processors do. */
export interface ControlWorld {
  database: Database;
  topic: string;
  settings: Record<string, string>;
  hookline(args: readonly string[], settings?: Record<string, string>): Promise<Ran>;
  put(table: string, row: Record<string, unknown>): Promise<void>;
  /** A dead delivery of a key, with these dead handlers. Without a key it is a record that is no delivery. */
  die(offset: number, given?: Dead): Promise<void>;
  /** An operator has discarded the dead letter of a handler. */
  discard(offset: number, handler: string): Promise<void>;
  /** Every control record of the log, by partition and offset. */
  logged(): Promise<LoggedControl[]>;
  /** Settles commands as their owners do. */
  settle(commandIds: readonly string[], outcome: 'applied' | 'refused', detail?: string): Promise<void>;
  drop(): Promise<void>;
}

/** Columns of a delivery that nothing depends on. */
export function deliveryColumns(): Record<string, unknown> {
  return {
    appended_at: new Date(),
    ordering_key: 'github.com/repository/1',
    source: 'main',
    dedup_scope: 'main',
    guid: randomUUID(),
    digest: createHash('sha256').update(randomUUID()).digest(),
    event: 'issues',
    received_at: new Date(),
    headers: {},
    secret_label: 'current',
    body: Buffer.alloc(0),
    body_encoding: 'identity',
    body_bytes: 0,
  };
}

export async function controlWorld(): Promise<ControlWorld> {
  const [stack, own, topic] = await Promise.all([testStack(), testDatabase(), testTopic({ partitions: PARTITIONS })]);
  const database = connectTo(own.url);
  await recordTopicGeneration(database, { topic, generation: 1, partitions: PARTITIONS });
  const logger = createLogger({ service: 'test', level: 'silent' });
  const registry = createSchemaRegistry({ url: stack.registryUrl, timeoutMs: 10_000 }, logger);
  const settings = {
    HOOKLINE_KAFKA_BROKERS: stack.brokers.join(','),
    HOOKLINE_REGISTRY_URL: stack.registryUrl,
    HOOKLINE_DATABASE_URL: own.url,
    HOOKLINE_TOPIC: topic,
    // Of nobody: keys are where the recorded number puts them.
    HOOKLINE_TOPIC_PARTITIONS: '24',
    HOOKLINE_CONSUMER_GROUP: GROUP,
    HOOKLINE_ACTOR: 'ada',
  };

  async function put(table: string, row: Record<string, unknown>): Promise<void> {
    const columns = Object.entries({ consumer_group: GROUP, topic, ...row });
    await database.query(
      `insert into hookline.${table} (${columns.map(([name]) => name).join(', ')})
       values (${columns.map((_, i) => `$${i + 1}`).join(', ')})`,
      columns.map(([, value]) => value),
    );
  }

  return {
    database,
    topic,
    settings,
    put,
    hookline: (args, changed = {}) => runHere(args, { ...settings, ...changed }),
    async die(offset, given = {}) {
      const { key = 'github.com/repository/1', handlers = ['welcome'], fingerprint = 'f1', partition } = given;
      const appended_at = given.appendedAt ?? new Date();
      const place = {
        kafka_partition: partition ?? partitionOf(key ?? '', PARTITIONS),
        incarnation: given.incarnation ?? 1,
        kafka_offset: offset,
      };
      const of = key === null ? { appended_at } : { ...deliveryColumns(), ordering_key: key, appended_at };
      await put('dead_deliveries', { ...of, ...place });
      for (const handler of key === null ? [null] : handlers) {
        await put('dead_letters', {
          ...place,
          handler,
          reason: handler === null ? 'undecodable' : 'handler-failed',
          attempts: 3,
          error_fingerprint: fingerprint,
          error_message: `no ${fingerprint}`,
        });
      }
    },
    async discard(offset, handler) {
      await database.query(
        `update hookline.dead_letters set state = 'discarded', settled_at = now() where kafka_offset = $1 and handler = $2`,
        [offset, handler],
      );
    },
    async logged() {
      const logged: LoggedControl[] = [];
      for (const { partition, offset, key, value } of await readRecords(stack.brokers, topic)) {
        const decoded = await registry.decode(value);
        if (!decoded.success || decoded.kind !== 'hookline.Control') throw new Error('It is no control record.');
        logged.push({ partition, offset, key, control: { ...decoded.control } });
      }
      return logged;
    },
    async settle(commandIds, outcome, detail = 'Done.') {
      await database.query(
        `insert into hookline.control_commands
                (command_id, consumer_group, topic, kafka_partition, command, target, actor, why, via, outcome,
                 outcome_detail, settled_at)
         select id, $2, $3, 0, 'x', '{}', 'x', 'x', 'log', $4, $5, now()
           from (select distinct unnest($1::uuid[]) as id) as given
             on conflict (command_id) do update
                set outcome = excluded.outcome, outcome_detail = excluded.outcome_detail, settled_at = now()`,
        [commandIds, GROUP, topic, outcome, detail],
      );
    },
    async drop() {
      await database.close();
      await own.drop();
    },
  };
}
