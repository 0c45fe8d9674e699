import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { partitionOf } from './partition.ts';

/** From org.apache.kafka.common.utils.UtilsTest: what Kafka's own murmur2 answers. */
const KAFKAS_VECTORS: [key: string, hash: number][] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
];

/** A count that keeps every bit of Kafka's positive hash, so that a vector shows whole. */
const ALL_BITS = 2 ** 31;

describe('the partition of a key', () => {
  it.each(KAFKAS_VECTORS)("is Kafka's own rule, so that any Kafka client finds %s where we put it", (key, hash) => {
    expect(partitionOf(key, ALL_BITS)).toBe(hash & 0x7fffffff);
    expect(partitionOf(key, 24)).toBe((hash & 0x7fffffff) % 24);
  });

  it('counts bytes and not characters: a key may hold any UTF-8', () => {
    // The lengths 1 to 8 in bytes go through every remainder of the four-byte loop.
    const keys = ['é', '日', '🦊', 'é日', 'é🦊', '日日', '日🦊', 'é日日'];
    expect(keys.map((key) => Buffer.byteLength(key))).toEqual([2, 3, 4, 5, 6, 6, 7, 8]);
    // Computed by an independent implementation of the same algorithm, on unsigned 64-bit arithmetic.
    for (const key of keys) expect(partitionOf(key, ALL_BITS)).toBe(Number(murmur2ByBigInt(key) & 0x7fffffffn));
  });

  it('agrees with an independent implementation on every key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (key) => {
        expect(partitionOf(key, ALL_BITS)).toBe(Number(murmur2ByBigInt(key) & 0x7fffffffn));
      }),
    );
  });

  it('is in range and always the same, whatever the key and the count', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 100_000 }), (key, count) => {
        const partition = partitionOf(key, count);
        expect(Number.isInteger(partition)).toBe(true);
        expect(partition).toBeGreaterThanOrEqual(0);
        expect(partition).toBeLessThan(count);
        expect(partitionOf(key, count)).toBe(partition);
      }),
    );
  });

  it('spreads repositories: no partition of 24 has more than twice its share of 10,000', () => {
    const load = Array.from({ length: 24 }, () => 0);
    for (let id = 1; id <= 10_000; id++) {
      const partition = partitionOf(`github.com/repository/${id}`, load.length);
      load[partition] = (load[partition] ?? 0) + 1;
    }
    expect(Math.max(...load)).toBeLessThan((2 * 10_000) / 24);
    expect(Math.min(...load)).toBeGreaterThan(10_000 / 24 / 2);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses a topic of %d partitions', (count) => {
    expect(() => partitionOf('key', count)).toThrow(new RangeError(`A topic has at least 1 partition, not ${count}.`));
  });
});

/** murmur2 as its author describes it, in unsigned arithmetic modulo 2^32. */
function murmur2ByBigInt(key: string): bigint {
  const bytes = Buffer.from(key, 'utf8');
  const m = 0x5bd1e995n;
  const word = (value: bigint) => BigInt.asUintN(32, value);
  let h = word(0x9747b28cn ^ BigInt(bytes.length));
  const whole = bytes.length - (bytes.length % 4);
  for (let at = 0; at < whole; at += 4) {
    let k = word(BigInt(bytes.readUInt32LE(at)) * m);
    k = word((k ^ (k >> 24n)) * m);
    h = word(h * m) ^ k;
  }
  const tail = bytes.subarray(whole);
  if (tail.length > 0) {
    h = word((h ^ BigInt(tail.readUIntLE(0, tail.length))) * m);
  }
  h = word((h ^ (h >> 13n)) * m);
  return h ^ (h >> 15n);
}
