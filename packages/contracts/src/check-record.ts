import type { Delivery } from './envelope.ts';
import { partitionOf } from './partition.ts';
import { NUL, UUID } from './texts.ts';

/** Where a record was read. */
export interface RecordPlace {
  key: string | null;
  partition: number;
  /** Recorded number of partitions of the topic. */
  partitions: number;
}

/** Longest ordering key and dedup scope, in bytes: an index entry of PostgreSQL holds less than 2704. */
const MAX_INDEXED_BYTES = 1024;
/** The end of the year 9999, in milliseconds. */
const LATEST = 253_402_300_799_999;

/**
 * Why a record that decodes as a delivery is none that ingest writes, or null. What is let through here can be stored,
 * compared and ordered: a GUID in another spelling would be another identity to us and the same to the database, NUL
 * cannot be stored at all, and a key in a partition that is not its own would have two orders and two sets of claims.
 */
export function recordProblem(delivery: Delivery, { key, partition, partitions }: RecordPlace): string | null {
  if (key === null) return 'The record has no key.';
  if (partitionOf(key, partitions) !== partition) return `The key ${JSON.stringify(key)} belongs to another partition.`;
  if (!UUID.test(delivery.guid)) return 'The GUID is no UUID in lower case.';
  if (!(delivery.receivedAt >= 0 && delivery.receivedAt <= LATEST)) return 'The time of arrival is out of range.';
  const { source, dedupScope, event, action, repositoryId, hookId, secretLabel, eventProblem, headers } = delivery;
  const long = Object.entries({ key, dedupScope }).find(([, text]) => Buffer.byteLength(text) > MAX_INDEXED_BYTES);
  if (long) return `The field ${long[0]} is longer than ${MAX_INDEXED_BYTES} bytes.`;
  const texts = { key, source, dedupScope, event, action, repositoryId, hookId, secretLabel, eventProblem };
  const bad = Object.entries(texts).find(([, text]) => text?.includes(NUL));
  if (bad) return `The field ${bad[0]} contains NUL.`;
  const header = Object.entries(headers).find((nameAndValue) => nameAndValue.join('').includes(NUL));
  return header ? 'The field headers contains NUL.' : null;
}
