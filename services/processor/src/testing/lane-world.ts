import { randomUUID } from 'node:crypto';
import {
  appendToLanes,
  commit,
  fencedTransaction,
  openLanes,
  storedBytes,
  takeOverPartition,
  type Database,
  type Fence,
  type LaneTries,
  type RecordStart,
} from '@hookline/database';
import type { Handler } from '@hookline/handlers';
import { createLogger, createMetrics, systemClock, type Metrics } from '@hookline/runtime';
import { aDelivery, until } from '@hookline/test-support';
import { createLaneEvents } from '../lanes/lane-events.ts';
import { createLaneRunner, type LanePlace, type LaneRunner } from '../lanes/lane-runner.ts';
import type { LaneSettings } from '../lanes/lane-settings.ts';
import { createSlots } from '../lanes/slots.ts';
import { Breaker } from '../partition/breaker.ts';
import { createTurn, type Turn } from '../partition/turn.ts';

const NEVER = new AbortController().signal;

/** A head that failed once, and is due. */
export const FAILED_ONCE: LaneTries = { attempts: 1, kills: 0, deferrals: 0, dueInMs: 0, error: 'it failed' };

let nextPartition = 0;

/** What a test has at hand of one partition with lanes, and of one process that owns it. */
export interface LaneWorld {
  fence: Fence;
  turn: Turn;
  runner: LaneRunner;
  /** What is told, a line each. */
  said: string[];
  metrics: Metrics;
  breaker: Breaker;
}

/** Takes a partition over, a new one unless one is given, and makes the runner of its lanes. */
export async function ownLanes(
  database: Database,
  handlers: Handler[],
  changes: Partial<LaneSettings> & {
    partition?: number;
    signal?: AbortSignal;
    closing?: AbortSignal;
    /** Overrides what the takeover found. */
    starts?: RecordStart[];
  } = {},
): Promise<LaneWorld> {
  const { partition = nextPartition++, signal = NEVER, closing = NEVER, starts, ...settings } = changes;
  const owner = settings.owner ?? `process ${randomUUID()}`;
  const taken = await takeOverPartition(database, { consumerGroup: 'g', topic: 't', partition }, owner, 0n);
  if (!taken.success) throw new Error(taken.reason);
  const place = { fence: taken.fence, turn: createTurn(), signal, closing, starts: starts ?? taken.starts };
  return runLanes(database, handlers, place, { owner, ...settings });
}

/** Makes the runner of the lanes of a partition that is owned already. */
export function runLanes(
  database: Database,
  handlers: Handler[],
  { signal = NEVER, closing = NEVER, starts = [], ...place }: Pick<LanePlace, 'fence' | 'turn'> & Partial<LanePlace>,
  changes: Partial<LaneSettings> = {},
): LaneWorld {
  const said: string[] = [];
  const metrics = createMetrics({ service: 'test' });
  const events = createLaneEvents(createLogger({ service: 'test', level: 'silent' }), metrics);
  const breaker = new Breaker({ keys: 25, windowMs: 60_000, now: () => performance.now(), onChanged: () => {} });
  const runner = createLaneRunner(
    {
      database,
      handlers,
      handlerTimeoutMs: 5000,
      handlersRole: 'hookline_handlers',
      transaction: { statementTimeoutMs: 10_000, lockTimeoutMs: 8000 },
      hintRelays: () => {},
      owner: `process ${randomUUID()}`,
      limits: { records: 100, bytes: 1_000_000 },
      policy: { maxAttempts: 3, maxKills: 2, retry: { baseMs: 2, maxMs: 4 } },
      concurrency: 4,
      slots: createSlots(4),
      suspects: createTurn(),
      breaker,
      random: () => 0,
      blameAfterMs: 0,
      clock: systemClock,
      ...changes,
      events: {
        ...events,
        laneRan(at, key, run) {
          said.push(run.end);
          events.laneRan(at, key, run);
        },
        processDied(at, key, by, settled) {
          said.push(settled);
          events.processDied(at, key, by, settled);
        },
        laneFailed(at, key, waitMs, error) {
          said.push(`error: ${(error as Error).message}`);
          events.laneFailed(at, key, waitMs, error);
        },
        fenced: () => void said.push('fenced out'),
        ...changes.events,
      },
    },
    { ...place, signal, closing, starts },
  );
  return { ...place, runner, said, metrics, breaker };
}

/** Owns the lanes of a partition and runs them until none is retried any more, as the one thing that a process does. */
export async function runLaneProcess(database: Database, partition: number, handlers: Handler[]): Promise<void> {
  const { runner, fence } = await ownLanes(database, handlers, { partition });
  await untilNoneRetries(database, { runner, fence });
}

/** Runs lanes until none is open but held ones, and stops. */
export async function untilNoneRetries(
  database: Database,
  { runner, fence }: Pick<LaneWorld, 'runner' | 'fence'>,
): Promise<void> {
  const running = runner.run();
  await until('no lane is retried any more', async () => {
    const { rowCount } = await database.query(
      `select from hookline.lanes where kafka_partition = $1 and state = 'retrying'`,
      [fence.partition],
    );
    return rowCount === 0;
  });
  runner.stop(false);
  await running;
}

/** Opens the lane of a key, when it is given tries of its head, and appends deliveries to it, as a slice would. */
export async function park(
  database: Database,
  fence: Fence,
  key: string,
  offsets: readonly number[],
  tries: LaneTries | null = FAILED_ONCE,
): Promise<void> {
  const records = offsets.map((offset) => {
    const delivery = aDelivery();
    const stored = storedBytes(delivery.body);
    return { partition: fence.partition, offset: BigInt(offset), time: 0, orderingKey: key, delivery, stored };
  });
  const done = await fencedTransaction<{ success: true }>(database, fence, {}, async (tx) => {
    if (tries) await openLanes(tx, fence, [{ orderingKey: key, ...tries }]);
    await appendToLanes(tx, fence, records);
    return commit({ success: true });
  });
  if (!done.success) throw new Error(done.reason);
}

/** A delivery handler of everything. */
export function handler(name: string, run: Extract<Handler, { kind: 'delivery' }>['run'], policy = {}): Handler {
  return { kind: 'delivery', name, on: ['*'], policy, run };
}

/** `offset decision` of each row of the audit of lanes, in order; with the handler where there is one. */
export async function audited(database: Database, { partition }: Fence): Promise<string[]> {
  const { rows } = await database.query<{ said: string }>(
    `select concat_ws(' ', kafka_offset, decision, handler) as said
       from hookline.audit_log where kafka_partition = $1 and stage = 'lane' order by audit_id`,
    [partition],
  );
  return rows.map(({ said }) => said);
}

export interface LaneRow {
  state: string;
  records: number;
  attempts: number;
  kills: number;
  deferrals: number;
}

/** The lane of a key as it is stored; null where it is closed. */
export async function laneOf(database: Database, { partition }: Fence, key: string): Promise<LaneRow | null> {
  const { rows } = await database.query<LaneRow & Record<string, unknown>>(
    `select state, records::int, attempts, kills, deferrals from hookline.lanes
      where kafka_partition = $1 and ordering_key = $2`,
    [partition, key],
  );
  return rows[0] ?? null;
}

/** `offset handler reason attempts` of each dead letter. */
export async function deadLetters(database: Database, { partition }: Fence): Promise<string[]> {
  const { rows } = await database.query<{ said: string }>(
    `select concat_ws(' ', kafka_offset, handler, reason, attempts) as said
       from hookline.dead_letters where kafka_partition = $1 order by dead_letter_id`,
    [partition],
  );
  return rows.map(({ said }) => said);
}

/** Offsets whose identities are claimed, in order of offset. */
export async function claimed(database: Database, { partition }: Fence): Promise<number[]> {
  const { rows } = await database.query<{ kafka_offset: string }>(
    'select kafka_offset from hookline.processed_deliveries where kafka_partition = $1 order by kafka_offset',
    [partition],
  );
  return rows.map(({ kafka_offset: offset }) => Number(offset));
}

/** Owners of the runs that are noted as begun. */
export async function begun(database: Database, { partition }: Fence): Promise<string[]> {
  const { rows } = await database.query<{ owner: string }>(
    `select owner from hookline.record_starts where kafka_partition = $1 and stage = 'lane'`,
    [partition],
  );
  return rows.map(({ owner }) => owner);
}
