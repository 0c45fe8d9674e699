import { describe, expect, it } from '@jest/globals';
import type { LogRecord } from '../slice/record.ts';
import { isolate, oneByOne, partOf } from './part.ts';

const records = [0n, 1n, 2n].map((offset) => ({ offset }) as LogRecord);
const offsets = (parts: ReturnType<typeof isolate>) =>
  parts.map((part) => part.records.map(({ offset }) => Number(offset)));

describe('isolate', () => {
  it('runs what comes before, the record alone, and the rest', () => {
    expect(offsets(isolate(partOf(...records), records[1]!))).toEqual([[0], [1], [2]]);
    expect(offsets(isolate(partOf(...records), records[0]!))).toEqual([[0], [1, 2]]);
    expect(offsets(isolate(partOf(...records), records[2]!))).toEqual([[0, 1], [2]]);
  });

  it('runs one by one when nobody knows which', () => {
    expect(offsets(isolate(partOf(...records), null))).toEqual([[0], [1], [2]]);
  });
});

describe('oneByOne', () => {
  it('leaves together what comes behind the suspects', () => {
    expect(offsets(oneByOne(records, 0))).toEqual([[0, 1, 2]]);
    expect(offsets(oneByOne(records, 1))).toEqual([[0], [1, 2]]);
    expect(offsets(oneByOne(records, 500))).toEqual([[0], [1], [2]]);
  });

  // Commands are applied in a transaction of their own kind, each where it is in the log.
  it('keeps commands apart from deliveries, in the order of the log', () => {
    const mixed = [0n, 1n, 2n, 3n, 4n].map(
      (offset) => ({ offset, ...((offset === 1n || offset === 2n) && { control: {} }) }) as LogRecord,
    );
    expect(offsets(oneByOne(mixed, 0))).toEqual([[0], [1, 2], [3, 4]]);
    expect(offsets(oneByOne(mixed, 2))).toEqual([[0], [1], [2], [3, 4]]);
  });
});
