/** Largest webhook body that GitHub sends, in bytes ("payloads are capped at 25 MB"). */
export const MAX_BODY_BYTES = 25 * 1024 * 1024;

/** Largest record (and record batch) of the log, in bytes: a body of the largest size, its headers and envelope. */
export const MAX_RECORD_BYTES = MAX_BODY_BYTES + 2 * 1024 * 1024;

export const DEFAULT_TOPIC = 'github.deliveries';
export const DEFAULT_PARTITIONS = 24;

const DAY_MS = 24 * 60 * 60 * 1000;

/** How long the log keeps records: longer than GitHub's redelivery window (3 days, 7 on GHES). */
export const DEFAULT_RETENTION_MS = 8 * DAY_MS;

/**
 * What the records of one segment of the log can differ in age. Kafka drops segments, not records, when the newest record
 * of theirs is old enough: without a bound (its own is 7 days) a record outlives the log's retention by as much.
 */
export const SEGMENT_MS = DAY_MS;

/**
 * A topic is never grown in place: more partitions, or another key rule, are a new generation with a topic of its
 * own. The first generation has the plain name.
 */
export function topicName(base: string, generation: number): string {
  return generation === 1 ? base : `${base}.g${generation}`;
}

/**
 * Kafka's consumer group for one topic. A group of its own per topic, because KafkaJS gives partitions to any member of
 * a group, whether it subscribes to their topic or not: while one topic generation replaces another, some partitions
 * would have a reader that does not read them.
 */
export function kafkaGroupId(consumerGroup: string, topic: string): string {
  return `${consumerGroup}.${topic}`;
}

/** Subject in the schema registry of the deliveries in a topic. */
export function deliverySubject(topic: string): string {
  return `${topic}-value`;
}

/** Subject in the schema registry of the control records in a topic. */
export function controlSubject(topic: string): string {
  return `${topic}-control`;
}

export interface TopicSettings {
  partitions: number;
  replicationFactor: number;
  /** Copies that must have a record before it counts as written. */
  minInSyncReplicas: number;
  retentionMs: number;
}

/**
 * Kafka's configuration of the log's topic. LogAppendTime: the order and age of records are the broker's, so that a
 * producer with a wrong clock can neither expire nor keep them. `delete`, never `compact`: every record counts.
 */
export function topicConfig(settings: TopicSettings): Record<string, string> {
  return {
    'cleanup.policy': 'delete',
    'compression.type': 'producer',
    'max.message.bytes': String(MAX_RECORD_BYTES),
    'message.timestamp.type': 'LogAppendTime',
    'min.insync.replicas': String(settings.minInSyncReplicas),
    'retention.ms': String(settings.retentionMs),
    'segment.ms': String(SEGMENT_MS),
    'unclean.leader.election.enable': 'false',
  };
}
