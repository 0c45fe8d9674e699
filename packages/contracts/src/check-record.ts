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
  if (isLong(key)) return `The field key is longer than ${MAX_INDEXED_BYTES} bytes.`;
  if (isLong(delivery.dedupScope)) return `The field dedupScope is longer than ${MAX_INDEXED_BYTES} bytes.`;
  if (key.includes(NUL)) return 'The field key contains NUL.';
  for (const field of TEXTS) if (delivery[field]?.includes(NUL)) return `The field ${field} contains NUL.`;
  const { headers } = delivery;
  for (const name of Object.keys(headers)) {
    if (name.includes(NUL) || headers[name]?.includes(NUL)) return 'The field headers contains NUL.';
  }
  return null;
}

/** The fields that are stored as text, as they are. */
const TEXTS = [
  'source',
  'dedupScope',
  'event',
  'action',
  'repositoryId',
  'hookId',
  'secretLabel',
  'eventProblem',
] as const;

/** A character takes three bytes at most, or four as a pair: most texts need not be measured. */
function isLong(text: string): boolean {
  return 3 * text.length > MAX_INDEXED_BYTES && Buffer.byteLength(text) > MAX_INDEXED_BYTES;
}
