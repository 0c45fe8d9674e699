import type { Logger } from '@hookline/runtime';
import type { ISocketFactory, PartitionMetadata } from 'kafkajs';
import { beginningWith, createKafka, type KafkaConnection } from '../client/create-kafka.ts';
import { openSocket, ownedSockets } from '../client/owned-sockets.ts';
import { missingTopicProblem, partitionCountProblem } from '../topics/check-topic.ts';
import { partitionsOf } from '../topics/partitions-of.ts';
import { within } from './within.ts';

/** Partitions by the broker that leads them. Of each topic partition exactly one entry. */
export type Leaders = ReadonlyMap<number, readonly number[]>;

/**
 * What Kafka says about the topic.
 * - `known`: who leads what; `doubt` says why it may be out of date
 * - `unknown`: nothing could be learnt yet
 * - `mismatch`: the topic is not the one that we are configured for; nothing may be written to it
 */
export type Topology =
  | { state: 'known'; leaders: Leaders; doubt: string | null }
  | { state: 'unknown'; reason: string }
  | { state: 'mismatch'; reason: string };

export interface LeadersSettings {
  connection: KafkaConnection;
  topic: string;
  partitions: number;
  refreshMs: number;
  timeoutMs: number;
}

/** The pure part: what an answer (null: no such topic) or the lack of one makes of what was known. */
export function nextTopology(
  before: Topology,
  { topic, partitions }: { topic: string; partitions: number },
  answer: { found: PartitionMetadata[] | null } | { error: string },
): Topology {
  if ('error' in answer) {
    const reason = `Kafka does not answer: ${answer.error}`;
    if (before.state === 'known') return { ...before, doubt: reason };
    return before.state === 'mismatch' ? before : { state: 'unknown', reason };
  }
  if (answer.found === null) return { state: 'unknown', reason: missingTopicProblem(topic) };
  if (answer.found.length !== partitions) {
    return { state: 'mismatch', reason: partitionCountProblem(topic, answer.found.length, partitions) };
  }
  const leaders = new Map<number, number[]>();
  for (const { leader, partitionId } of answer.found) {
    leaders.set(leader, [...(leaders.get(leader) ?? []), partitionId]);
  }
  return { state: 'known', leaders, doubt: null };
}

/** Asks for one topic's partitions, with a client of its own that is renewed after every failure. */
export function createTopologyReader(
  { connection, topic, timeoutMs }: LeadersSettings,
  logger: Logger,
  open: ISocketFactory = openSocket,
): { read(): Promise<PartitionMetadata[] | null>; close(): void } {
  let attempt = 0;
  let client = connect();

  function connect() {
    const { socketFactory, destroy } = ownedSockets(open);
    const admin = createKafka(beginningWith(connection, attempt++), logger, {
      socketFactory,
      connectionTimeout: timeoutMs,
      requestTimeout: timeoutMs,
      retry: { retries: 0 },
    }).admin();
    return { admin, destroy, connected: undefined as Promise<void> | undefined };
  }

  return {
    async read() {
      const { admin, destroy } = client;
      try {
        client.connected ??= admin.connect();
        const answer = client.connected.then(() => partitionsOf(admin, topic));
        return await within(timeoutMs, `no metadata within ${timeoutMs} ms`, answer);
      } catch (error) {
        destroy();
        client = connect();
        throw error;
      }
    },
    close: () => client.destroy(),
  };
}
