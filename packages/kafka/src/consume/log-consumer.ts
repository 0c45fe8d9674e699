import { setTimeout as delay } from 'node:timers/promises';
import { RECORD_HEADERS } from '@hookline/contracts';
import type { Consumer, EachBatchPayload, IHeaders, Kafka } from 'kafkajs';
import { REQUEST_TIMEOUT_MS } from '../client/create-kafka.ts';
import {
  Assignments,
  type AssignmentEvents,
  type AssignmentOptions,
  type Fetching,
  type Taken,
} from './assignments.ts';
import type { ReadRecord } from './partition-queue.ts';
import { Silence } from './silence.ts';

export interface LogConsumerEvents extends AssignmentEvents {
  joined(partitions: number[]): void;
  fetched(partition: number, records: number, highWatermark: bigint): void;
  /** The client is gone and is made anew; everything owned has been given up. */
  clientLost(error: unknown): void;
}

export interface LogConsumerOptions<T extends Taken> extends Omit<AssignmentOptions<T>, 'events'> {
  kafka: Kafka;
  topic: string;
  groupId: string;
  /** A member that says nothing for this long is taken out of the group. */
  sessionTimeoutMs: number;
  heartbeatIntervalMs: number;
  /** Longest wait of a fetch with nothing to read; also the longest delay of a resumed partition. */
  maxWaitMs: number;
  /** Compressed bytes fetched per partition and request. A single larger record still arrives, alone. */
  maxBytesPerPartition: number;
  /** Milliseconds without a sign of life after which a client is given up (default: more than its answers may take). */
  silenceMs?: number;
  events: LogConsumerEvents;
}

/** A member of a consumer group that keeps its own offsets. */
export interface LogConsumer {
  /** Joins in the background, and again whenever the client is lost. Throws nothing: readiness tells. */
  start(): void;
  /** Lets the slices that run now end, within the time given. The member stays in the group, and takes nothing more. */
  drain(withinMs: number): Promise<void>;
  /** Copies offsets to the group in Kafka, for tools and as a witness. Rejects when they were not taken. */
  copyOffsets(offsets: ReadonlyMap<number, bigint>): Promise<void>;
  /** Leaves the group. Bounded: a broker that is away does not hold it up. */
  stop(): Promise<void>;
  /** True while a member of the group; else why not. */
  readiness(): true | string;
  /** Partitions of the present join. */
  partitions(): number[];
  /** What can be seen of the loop that reads the log. */
  fetchLoop(): FetchLoop;
}

export interface FetchLoop {
  /** A member of the group that wants to read one partition at least: the loop should turn. */
  wanted: boolean;
  /** Counts up at each beginning and end of a fetch. */
  turns: number;
}

/** Milliseconds after which a client that does not end is left to itself. */
const DISCONNECT_MS = 5000;
/** Milliseconds between a lost client and the next one. */
const REBUILD_MS = 500;

export function createLogConsumer<T extends Taken>(options: LogConsumerOptions<T>): LogConsumer {
  const { kafka, topic, events } = options;
  const assignments = new Assignments(options);
  const stopping = new AbortController();
  let present: Consumer | null = null;
  let reading: ReadonlySet<number> = new Set();
  let turns = 0;
  let state: true | string = 'joining the consumer group for the first time';
  let supervision: Promise<void> = Promise.resolve();

  async function supervise(): Promise<void> {
    while (!stopping.signal.aborted) {
      await runClient();
      await delay(REBUILD_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  /** One client, from connecting to its loss. */
  async function runClient(): Promise<void> {
    const consumer = kafka.consumer({
      groupId: options.groupId,
      sessionTimeout: options.sessionTimeoutMs,
      rebalanceTimeout: options.sessionTimeoutMs,
      heartbeatInterval: options.heartbeatIntervalMs,
      maxWaitTimeInMs: options.maxWaitMs,
      maxBytesPerPartition: options.maxBytesPerPartition,
      allowAutoTopicCreation: false,
      // A client that KafkaJS restarts by itself has lost its pauses and seeks: a crash is always ours to repair.
      retry: { retries: 4, initialRetryTime: 200, maxRetryTime: 2000, restartOnFailure: () => Promise.resolve(false) },
    });
    present = consumer;
    const lost = Promise.withResolvers<unknown>();
    const { fetching, unpaused } = controls(consumer, topic, lost.resolve);
    reading = unpaused;
    const silence = new Silence(options.silenceMs ?? silenceLimitMs(options.sessionTimeoutMs));
    const looking = setInterval(() => {
      const silent = silence.tick();
      if (silent !== null) lost.resolve(new Error(silent));
    }, silence.periodMs);
    const ended = Promise.withResolvers<void>();
    const onStop = () => ended.resolve();
    let givenUp = false;
    stopping.signal.addEventListener('abort', onStop, { once: true });
    // A client that was given up may go on for a while before it has ended: what it says is not about us any more.
    const whilePresent = (act: () => void) => {
      if (givenUp) return;
      try {
        act();
      } catch (error) {
        // KafkaJS would end its consumer over this, some seconds later.
        lost.resolve(error);
      }
    };
    const turn = () => whilePresent(() => (turns += 1));
    consumer.on(consumer.events.CRASH, ({ payload }) => lost.resolve(payload.error));
    let rejoining = false;
    consumer.on(consumer.events.FETCH_START, ({ payload }) => {
      silence.fetchBegan(payload.nodeId);
      turn();
      // When its request to join fails, KafkaJS goes on as the member that it was. A coordinator that took over meanwhile
      // knows nothing of the rebalance: its heartbeats are answered well, and no join would ever follow.
      if (rejoining) lost.resolve(new Error('the consumer group was rebalancing, and was not joined again'));
    });
    consumer.on(consumer.events.FETCH, ({ payload }) => {
      silence.fetchEnded(payload.nodeId);
      turn();
    });
    consumer.on(consumer.events.REBALANCING, () =>
      whilePresent(() => {
        silence.fetchesEnded();
        rejoining = true;
        state = 'the consumer group is rebalancing';
        // The group waits for our answer before it gives the partitions to anybody: what ends now has ended, and said
        // so in the database, before an heir looks.
        assignments.lose();
      }),
    );
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) =>
      whilePresent(() => {
        silence.sign();
        rejoining = false;
        const partitions = payload.memberAssignment[topic] ?? [];
        assignments.begin(partitions, fetching);
        state = true;
        events.joined(partitions);
      }),
    );
    const eachBatch = (payload: EachBatchPayload) => whilePresent(() => read(payload, fetching));
    const started = start(consumer, eachBatch).catch(lost.resolve);
    const error = await Promise.race([lost.promise, ended.promise]);
    givenUp = true;
    clearInterval(looking);
    stopping.signal.removeEventListener('abort', onStop);
    assignments.lose();
    if (!stopping.signal.aborted) {
      state = `the Kafka client was lost (${describe(error)}); making a new one`;
      events.clientLost(error);
    }
    // KafkaJS forgets a consumer that is disconnected within its first join, and lets it run: a member that nobody can end
    // would keep its share of the partitions. However long the join takes, its end follows.
    const disconnected = started.then(() => consumer.disconnect()).catch(() => {});
    await Promise.race([disconnected, delay(DISCONNECT_MS, undefined, { ref: false })]);
  }

  async function start(consumer: Consumer, eachBatch: (payload: EachBatchPayload) => void): Promise<void> {
    await consumer.connect();
    // From the beginning: when an offset is out of range KafkaJS goes on from here by itself, and the lowest offset
    // is the one from which such a jump is seen and nothing is missed.
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => Promise.resolve(eachBatch(payload)),
    });
  }

  function read(payload: EachBatchPayload, fetching: Fetching): void {
    const { batch } = payload;
    events.fetched(batch.partition, batch.messages.length, BigInt(batch.highWatermark));
    const records = batch.messages.map((message): ReadRecord => ({
      partition: batch.partition,
      offset: BigInt(message.offset),
      key: message.key,
      value: message.value,
      time: Number(message.timestamp),
      traceparent: traceOf(message.headers?.[RECORD_HEADERS.traceparent]),
    }));
    if (assignments.accept(batch.partition, records, fetching, payload.isStale())) {
      payload.resolveOffset(batch.lastOffset());
    }
  }

  return {
    start() {
      supervision = supervise();
    },
    drain: (withinMs) => assignments.drain(withinMs),
    async copyOffsets(offsets) {
      if (offsets.size === 0 || state !== true || !present) return;
      await present.commitOffsets(
        [...offsets].map(([partition, offset]) => ({ topic, partition, offset: offset.toString() })),
      );
    },
    async stop() {
      state = 'stopping';
      stopping.abort();
      await supervision;
    },
    readiness: () => state,
    partitions: () => assignments.partitions,
    fetchLoop: () => ({ wanted: state === true && reading.size > 0, turns }),
  };
}

/**
 * Longer than a client that does its work is silent: a join takes as long as the session and 5 s more, any other answer
 * `REQUEST_TIMEOUT_MS`, and a rejoin is a chain of several.
 */
function silenceLimitMs(sessionTimeoutMs: number): number {
  return 2 * sessionTimeoutMs + 3 * REQUEST_TIMEOUT_MS;
}

/** The controls of a client's fetch loop, and the partitions that they have left unpaused. */
function controls(
  consumer: Consumer,
  topic: string,
  giveUp: Fetching['giveUp'],
): { fetching: Fetching; unpaused: ReadonlySet<number> } {
  const unpaused = new Set<number>();
  /** KafkaJS throws when told to seek after its disconnect began; the join that follows starts from scratch anyway. */
  const unlessEnded = (act: () => void) => {
    try {
      act();
    } catch {
      // The client has ended.
    }
  };
  const resume = (partition: number) => {
    unpaused.add(partition);
    consumer.resume([{ topic, partitions: [partition] }]);
  };
  const fetching: Fetching = {
    giveUp,
    pause(partitions) {
      for (const partition of partitions) unpaused.delete(partition);
      unlessEnded(() => consumer.pause([{ topic, partitions }]));
    },
    resume: (partition) => unlessEnded(() => resume(partition)),
    seekAndResume: (partition, offset) =>
      unlessEnded(() => {
        consumer.seek({ topic, partition, offset: offset.toString() });
        resume(partition);
      }),
  };
  return { fetching, unpaused };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A header can be there twice, and then says nothing. */
function traceOf(header: IHeaders[string]): string | undefined {
  return typeof header === 'string' || Buffer.isBuffer(header) ? header.toString() : undefined;
}
