import { writeControl, type ControlOrder } from '@hookline/contracts';
import { makeRanges, takeOverPartition, type Database, type Fence, type LastRecord } from '@hookline/database';
import { canRepeat } from '@hookline/github';
import type { Handler } from '@hookline/handlers';
import { createSchemaRegistry, type OwnedPartition, type ReadRecord } from '@hookline/kafka';
import { testDatabase, testStack, testTopic } from '@hookline/local-stack';
import { createLogger } from '@hookline/runtime';
import { aDelivery, connectTo } from '@hookline/test-support';
import { repositoryActivity } from '../built-in/repository-activity.ts';
import type { Halt, HaltEnd } from '../halts/halt.ts';
import { Breaker } from '../partition/breaker.ts';
import type { WorkerSettings } from '../partition/partition-context.ts';
import { createPartitionWorker, type PartitionWorker } from '../partition/partition-worker.ts';
import { createTurn, type Turn } from '../partition/turn.ts';
import type { ReplayPolicy } from '../slice/decide.ts';
import { notedEvents } from './noted-events.ts';

const WAITS = {
  retry: { baseMs: 1, maxMs: 2 },
  breaker: { baseMs: 1, maxMs: 2 },
  roomMs: 1,
  blameMs: 0,
};

/** What a test changes of a partition's owner. */
export interface OwnerChanges extends Partial<Omit<WorkerSettings, 'slice'>> {
  handlers?: Handler[];
  handlerTimeoutMs?: number;
  handlersRole?: string;
  idleTimeoutMs?: number;
  lanes?: { keyBytes: number; totalBytes: number };
  replayPolicy?: ReplayPolicy;
  hintRelays?: () => void;
  database?: Database;
  /** Default: a new one. */
  partition?: number;
  /** Where a partition that nobody had begins. */
  from?: bigint;
  witness?: LastRecord;
  signal?: AbortSignal;
  closing?: AbortSignal;
  /** Handed out by `discontinuity` when nothing is left to take. */
  discontinuity?: { expected: bigint; found: bigint };
  /** How a halt ends. */
  haltEnd?: HaltEnd;
}

/** One owner of one partition, with what it has told. */
export interface LogOwner {
  worker: PartitionWorker;
  fence: Fence;
  turn: Turn;
  breaker: Breaker;
  /** Offsets that were committed. */
  advanced: bigint[];
  /** What went wrong, a few words each. */
  errors: string[];
  /** What it halted for. */
  halts: Halt[];
  /** Milliseconds until lanes were due that slices opened or hastened. */
  woken: number[];
}

/** A database and a registry, and partitions on them whose log is what the test says. */
export interface LogWorld {
  /** As its owner; owners of partitions see it as processors do. */
  database: Database;
  /** The same, with the rights of a processor. */
  serving: Database;
  /** Of the database. */
  url: string;
  registry: ReturnType<typeof createSchemaRegistry>;
  /** A record of the log. */
  read(offset: number, delivery?: ReturnType<typeof aDelivery>, changes?: Partial<ReadRecord>): ReadRecord;
  /** A record of an operator's command, under the key of what it is about. */
  order(offset: number, order: ControlOrder): ReadRecord;
  /** Takes a partition over; its queue hands out these slices, one after another, and is closed then. */
  own(slices: ReadRecord[][], changes?: OwnerChanges): Promise<LogOwner>;
  /** `offset decision` of each row that the log has in the audit, in the order of writing. */
  audited(fence: Fence): Promise<string[]>;
  storedOffset(fence: Fence): Promise<number>;
  /** `key state records attempts kills deferrals` of each lane. */
  lanes(fence: Fence): Promise<string[]>;
  /** Offsets that wait under a key, in the order of the lane. */
  waiting(fence: Fence, key: string): Promise<number[]>;
  close(): Promise<void>;
}

export const keyOf = (repository: number): string => `github.com/repository/${repository}`;

export async function createLogWorld(): Promise<LogWorld> {
  const stack = await testStack();
  const db = await testDatabase();
  const database = connectTo(db.url);
  const serving = connectTo(db.services.processor);
  await makeRanges(database);
  const logger = createLogger({ service: 'test', level: 'silent' });
  const registry = createSchemaRegistry({ url: stack.registryUrl, timeoutMs: 5000 }, logger);
  const topic = await testTopic({ partitions: 1 });
  const schemaId = await registry.deliverySchemaId(topic);
  const controlId = await registry.registerControlSchema(topic);
  let nextPartition = 0;

  async function own(slices: ReadRecord[][], changes: OwnerChanges = {}): Promise<LogOwner> {
    const { partition = nextPartition++, from = 0n, witness = null, haltEnd = 'CLOSED', ...given } = changes;
    const {
      handlers = [repositoryActivity],
      handlerTimeoutMs = 5000,
      handlersRole = 'hookline_handlers',
      idleTimeoutMs,
      discontinuity,
      owner = 'me',
      hintRelays = () => {},
      ...settings
    } = given;
    const taken = await takeOverPartition(serving, { consumerGroup: 'g', topic: 't', partition }, owner, from);
    if (!taken.success) throw new Error(taken.reason);
    const { fence, dirty, starts, nextOffset } = taken;
    const { events, errors } = notedEvents();
    const advanced: bigint[] = [];
    const woken: number[] = [];
    const halts: Halt[] = [];
    const turn = createTurn();
    const breaker =
      settings.breaker ??
      new Breaker({ keys: 25, windowMs: 60_000, now: () => performance.now(), onChanged: () => {} });
    const signal = settings.signal ?? new AbortController().signal;
    const owned: OwnedPartition = {
      partition,
      take: () => Promise.resolve(slices.shift() ?? []),
      discontinuity: () => discontinuity ?? null,
      signal,
      closing: settings.closing ?? signal,
    };
    const worker = createPartitionWorker(
      {
        limits: { records: 100, bytes: 1_000_000 },
        registry,
        partitions: 1,
        owner,
        events,
        halts: {
          wait(place, halt) {
            events.halted(place, halt);
            halts.push(halt);
            return Promise.resolve(haltEnd);
          },
        },
        suspects: createTurn(),
        lanePolicy: { maxAttempts: 10, maxKills: 3, retry: { baseMs: 1000, maxMs: 300_000 } },
        waits: WAITS,
        random: () => 0,
        onAdvanced: (_, offset) => void advanced.push(offset),
        ...settings,
        breaker,
        slice: {
          database: changes.database ?? serving,
          handlers,
          handlerTimeoutMs,
          handlersRole,
          transaction: { statementTimeoutMs: 5000, ...(idleTimeoutMs !== undefined && { idleTimeoutMs }) },
          lanes: changes.lanes ?? { keyBytes: 1_000_000, totalBytes: 1_000_000_000 },
          hintRelays,
          replays: { canRepeat, replayPolicy: () => changes.replayPolicy ?? 'hold' },
        },
      },
      { fence, dirty, starts, nextOffset, last: null, witness, from: nextOffset },
      owned,
      { turn, onLanesChanged: (dueInMs) => void woken.push(dueInMs) },
    );
    return { worker, fence, turn, breaker, advanced, errors, halts, woken };
  }

  async function said({ partition }: Fence, query: string, more: readonly unknown[] = []): Promise<string[]> {
    const { rows } = await database.query<{ said: string }>(query, [partition, ...more]);
    return rows.map((row) => row.said);
  }

  return {
    database,
    serving,
    url: db.url,
    registry,
    own,
    read: (offset, delivery = aDelivery(), changes = {}) => ({
      partition: 0,
      offset: BigInt(offset),
      key: Buffer.from(keyOf(Number(delivery.repositoryId))),
      value: registry.encodeDelivery(schemaId, delivery),
      time: 1_700_000_000_000,
      ...changes,
    }),
    order: (offset, order) => ({
      partition: 0,
      offset: BigInt(offset),
      key: order.target.orderingKey === null ? null : Buffer.from(order.target.orderingKey),
      value: registry.encodeControl(controlId, writeControl(order)),
      time: 1_700_000_000_000,
    }),
    audited: (fence) =>
      said(
        fence,
        `select kafka_offset || ' ' || decision as said
           from hookline.audit_log where kafka_partition = $1 and stage = 'log' order by audit_id`,
      ),
    async storedOffset(fence) {
      const [offset] = await said(
        fence,
        'select next_offset::text as said from hookline.partition_offsets where kafka_partition = $1',
      );
      return Number(offset);
    },
    lanes: (fence) =>
      said(
        fence,
        `select concat_ws(' ', ordering_key, state, records, attempts, kills, deferrals) as said
           from hookline.lanes where kafka_partition = $1 order by ordering_key`,
      ),
    waiting: async (fence, key) =>
      (
        await said(
          fence,
          `select kafka_offset::text as said
             from hookline.lane_deliveries where kafka_partition = $1 and ordering_key = $2 order by position`,
          [key],
        )
      ).map(Number),
    async close() {
      await Promise.all([database.close(), serving.close()]);
      await db.drop();
    },
  };
}
