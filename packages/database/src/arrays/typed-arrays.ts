import { binaryArray, type ElementType } from './binary-array.ts';
import { writeUuid } from './write-uuid.ts';

// Parameters for `unnest`, a column each: `$1::uuid[]` and so on.

/** Null and undefined are NULL. */
type Values<T> = readonly (T | null | undefined)[];

/** @throws {RangeError} on what is no UUID */
export const uuidArray = (values: Values<string>): Buffer => binaryArray(UUID, values);
export const byteaArray = (values: Values<Buffer>): Buffer => binaryArray(BYTEA, values);
export const textArray = (values: Values<string>): Buffer => binaryArray(TEXT, values);
/** @throws {RangeError} on what is no whole number of 32 bits */
export const integerArray = (values: Values<number>): Buffer => binaryArray(INTEGER, values);
/** @throws {RangeError} on what has more than 64 bits */
export const bigintArray = (values: Values<bigint | number>): Buffer => binaryArray(BIGINT, values);
/** Of milliseconds since the Unix epoch. */
export const timestamptzArray = (values: Values<number>): Buffer => binaryArray(TIMESTAMPTZ, values);

const UUID: ElementType<string> = { oid: 2950, maxBytes: () => 16, write: writeUuid };

const BYTEA: ElementType<Buffer> = {
  oid: 17,
  maxBytes: (value) => value.length,
  write: (into, value, at) => value.copy(into, at),
};

const TEXT: ElementType<string> = {
  oid: 25,
  // A code unit has at most three bytes in UTF-8.
  maxBytes: (value) => value.length * 3,
  write: (into, value, at) => into.write(value, at),
};

const INTEGER: ElementType<number> = {
  oid: 23,
  maxBytes: () => 4,
  write: (into, value, at) => into.writeInt32BE(value, at) - at,
};

const BIGINT: ElementType<bigint | number> = {
  oid: 20,
  maxBytes: () => 8,
  write: (into, value, at) => into.writeBigInt64BE(BigInt(value), at) - at,
};

/** PostgreSQL counts microseconds, from the year 2000. */
const EPOCH_MS = Date.UTC(2000, 0);

const TIMESTAMPTZ: ElementType<number> = {
  oid: 1184,
  maxBytes: () => 8,
  write: (into, value, at) => into.writeBigInt64BE(BigInt(Math.round(value - EPOCH_MS)) * 1000n, at) - at,
};
