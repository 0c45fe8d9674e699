import { createHash } from 'node:crypto';
import type { Control, ControlOrder, Delivery } from '@hookline/contracts';

interface Place {
  partition: number;
  offset: bigint;
  /** The broker's append time, milliseconds since the Unix epoch. */
  time: number;
}

/** A decoded record of the log, with its place. */
export interface DeliveryRecord extends Place {
  orderingKey: string;
  delivery: Delivery;
}

/** A record of the log that is no delivery of ours: it has a place, and bytes that nobody can read. */
export interface UndecodableRecord extends Place {
  delivery: null;
  raw: { key: Buffer | null; value: Buffer | null };
  /** Why it is none. */
  detail: string;
  /** A mark that the topic generation ends here, which is nobody's mistake. */
  isEndMark?: true;
}

/** An operator's decision. */
export interface ControlRecord extends Place {
  delivery: null;
  control: Control;
  /** What it says; null: nobody can tell, and `detail` says why. */
  order: ControlOrder | null;
  detail: string | null;
  /** SHA-256 of the record's value. */
  digest: Buffer;
}

/** A record of the log. */
export type LogRecord = DeliveryRecord | UndecodableRecord | ControlRecord;

export function isDelivery(record: LogRecord): record is DeliveryRecord {
  return record.delivery !== null;
}

export function isControl(record: LogRecord): record is ControlRecord {
  return 'control' in record;
}

export function isUndecodable(record: LogRecord): record is UndecodableRecord {
  return 'raw' in record;
}

/** What a later owner knows the record again by: the payload's digest; of what is no delivery, that of its bytes. */
export function witnessDigest(record: LogRecord): Buffer {
  if (isDelivery(record)) return record.delivery.digest;
  return isControl(record) ? record.digest : rawDigest(record.raw.value);
}

/** SHA-256 of a record's raw value, null taken for no bytes. */
export function rawDigest(value: Buffer | null): Buffer {
  return createHash('sha256')
    .update(value ?? Buffer.alloc(0))
    .digest();
}

/** How many records and bytes of values one transaction takes at most; a single larger record goes alone. */
export interface SliceLimits {
  records: number;
  bytes: number;
}
