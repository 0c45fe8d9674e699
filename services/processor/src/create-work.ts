import { hintRelays, type Database } from '@hookline/database';
import { canRepeat } from '@hookline/github';
import type { Handler } from '@hookline/handlers';
import type { OwnedPartition, SchemaRegistry, WorkEnd } from '@hookline/kafka';
import type { Clock, Tracing } from '@hookline/runtime';
import type { ProcessorConfig } from './config.ts';
import { createTableOrders, type TableOrders } from './control/table-orders.ts';
import { createRelayHint } from './effects/relay-hint.ts';
import type { ProcessorEvents } from './events.ts';
import type { Halts } from './halts/halt.ts';
import { createLanes } from './lanes/create-lanes.ts';
import type { LanePolicy } from './lanes/decide-lane.ts';
import { Breaker } from './partition/breaker.ts';
import type { WorkerSettings } from './partition/partition-context.ts';
import { createPartitionWorker } from './partition/partition-worker.ts';
import type { Turn } from './partition/turn.ts';
import { replayPolicy } from './slice/replay-policies.ts';
import type { Ownership } from './takeover/take-over.ts';

/** What the work on partitions needs of the rest of the processor. */
export interface WorkParts {
  config: ProcessorConfig;
  /** This process. */
  owner: string;
  database: Database;
  registry: SchemaRegistry;
  handlers: readonly Handler[];
  halts: Halts;
  /** What a process may have died of runs one at a time in all partitions, slices and lanes. */
  suspects: Turn;
  events: ProcessorEvents;
  clock: Clock;
  /** Absent: nothing is traced. */
  tracing?: Tracing | undefined;
  random: () => number;
  onAdvanced: (partition: number, nextOffset: bigint) => void;
}

export interface Work {
  /** Works on a partition until it is given up, fenced out, or resumed after a halt. */
  run(owned: OwnedPartition, ownership: Ownership): Promise<WorkEnd>;
  /** Applies commands of the table about partitions that are ours. */
  orders: TableOrders;
  /** Resolves when no former work of this process on a partition is left: it has said whether it ended cleanly. */
  ended(partition: number): Promise<void>;
}

const RETRY = { baseMs: 100, maxMs: 5000 };
const BREAKER_MAX_MS = 30_000;
const ROOM_MS = 1000;
const BLAME_MS = 1000;
const LOCK_TIMEOUT_MS = 10_000;
const ORDERS_MS = 1000;
/** Room for the silence before a call of a handler, which is at most half of it, and for the server's own delays. */
const IDLE_MARGIN_MS = 10_000;

/** Puts together what works on partitions: what is shared by all of them, and what each ownership has of its own. */
export function createWork({ config, clock, events, handlers, suspects, tracing, ...parts }: WorkParts): Work {
  const { breakerKeys, breakerWindowMs, handlerTimeoutMs, laneMaxAttempts, laneMaxKills } = config;
  const lanePolicy: LanePolicy = {
    maxAttempts: laneMaxAttempts,
    maxKills: laneMaxKills,
    retry: { baseMs: config.laneRetryMinMs, maxMs: config.laneRetryMaxMs },
  };
  const longestCallMs = Math.max(handlerTimeoutMs, ...handlers.map(({ policy }) => policy?.timeoutMs ?? 0));
  const breaker = new Breaker({
    keys: breakerKeys,
    windowMs: breakerWindowMs,
    now: () => clock.monotonic(),
    onChanged: (handler, open) => events.breakerChanged(handler, open),
  });
  const worker: WorkerSettings = {
    ...parts,
    events,
    breaker,
    suspects,
    lanePolicy,
    slice: {
      database: parts.database,
      handlers,
      handlerTimeoutMs,
      handlersRole: config.handlersRole,
      transaction: {
        statementTimeoutMs: config.statementTimeoutMs,
        // Below the statement's, which would end the wait first: only then is it told for what it is, and not counted.
        lockTimeoutMs: Math.ceil(Math.min(LOCK_TIMEOUT_MS, config.statementTimeoutMs / 2)),
        idleTimeoutMs: longestCallMs + IDLE_MARGIN_MS,
      },
      lanes: { keyBytes: config.laneKeyBytes, totalBytes: config.laneTotalBytes },
      hintRelays: createRelayHint(() => hintRelays(parts.database)),
      ...(tracing && { tracing }),
      replays: { canRepeat, replayPolicy: (source, event) => replayPolicy(config.replayRules, source, event) },
    },
    limits: { records: config.sliceRecords, bytes: config.sliceBytes },
    partitions: config.topicPartitions,
    waits: {
      retry: RETRY,
      // Within the window: what is tried again must not be forgotten meanwhile, or the breaker would close by silence.
      breaker: { baseMs: RETRY.baseMs, maxMs: Math.min(BREAKER_MAX_MS, breakerWindowMs / 2) },
      roomMs: ROOM_MS,
      blameMs: BLAME_MS,
    },
  };
  const { slice, limits } = worker;
  const lanes = createLanes({
    ...parts,
    ...slice,
    clock,
    events,
    breaker,
    suspects,
    limits,
    policy: lanePolicy,
    concurrency: config.laneConcurrency,
    blameAfterMs: BLAME_MS,
  });
  const orders = createTableOrders({ ...slice, events, pollMs: ORDERS_MS });
  const running = new Map<number, Promise<unknown>>();

  return {
    orders,
    async run(owned, ownership) {
      const work = lanes.beside(owned, ownership, (share) =>
        orders.beside({ ...share, fence: ownership.fence, signal: owned.closing }, () =>
          createPartitionWorker(worker, ownership, owned, share).run(),
        ),
      );
      running.set(owned.partition, work);
      try {
        return await work;
      } finally {
        if (running.get(owned.partition) === work) running.delete(owned.partition);
      }
    },
    async ended(partition) {
      await running.get(partition)?.catch(() => {});
    },
  };
}
