import { describe, expect, it } from '@jest/globals';
import {
  END_MARK,
  GENERATION_STATES,
  isEndMark,
  isRead,
  isSealed,
  SEALED_MESSAGE_BYTES,
  UNSEALED_MARK,
} from './generations.ts';
import { MAX_RECORD_BYTES } from './topics.ts';

describe('an end mark', () => {
  it('is told from what has a schema, which begins with a zero byte, and from nothing at all', () => {
    expect([END_MARK, UNSEALED_MARK].map(isEndMark)).toEqual([true, true]);
    expect([null, Buffer.alloc(0), Buffer.from([0, 0, 0, 0, 1]), Buffer.from('hook')].map(isEndMark)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  // A sealed topic must take the one and refuse the other: a batch has 61 bytes, a record without a key 7 more.
  it('fits through a seal, and the one that tries it does not', () => {
    expect(61 + 7 + END_MARK.length).toBeLessThanOrEqual(SEALED_MESSAGE_BYTES);
    expect(61 + UNSEALED_MARK.length).toBeGreaterThan(SEALED_MESSAGE_BYTES);
  });
});

describe('a generation', () => {
  it('is read until all that is in it has been processed, and not before it is its turn', () => {
    expect(GENERATION_STATES.filter(isRead)).toEqual(['active', 'sealing', 'draining']);
  });

  it('is sealed where Kafka takes nothing larger than a mark', () => {
    expect([String(SEALED_MESSAGE_BYTES), '1', String(MAX_RECORD_BYTES), undefined].map(isSealed)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
