/**
 * The partition of a key: Kafka's own rule (murmur2 of the key's UTF-8 bytes, sign bit cleared, modulo the count),
 * computed by us because the count comes from the configuration and never from what a broker happens to answer:
 * a topic that was grown by hand would split a repository's order, lane and identities over two partitions.
 *
 * @param count recorded number of partitions of the topic generation, at least 1
 * @see org.apache.kafka.common.utils.Utils#murmur2
 */
export function partitionOf(key: string, count: number): number {
  if (!Number.isInteger(count) || count < 1) throw new RangeError(`A topic has at least 1 partition, not ${count}.`);
  return (murmur2(Buffer.from(key, 'utf8')) & 0x7fffffff) % count;
}

const M = 0x5bd1e995;

function murmur2(data: Buffer): number {
  const length = data.length;
  let h = 0x9747b28c ^ length;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    let k = Math.imul(data.readInt32LE(i), M);
    k ^= k >>> 24;
    h = Math.imul(h, M) ^ Math.imul(k, M);
  }
  const rest = length - i;
  if (rest === 3) h ^= data.readUInt8(i + 2) << 16;
  if (rest >= 2) h ^= data.readUInt8(i + 1) << 8;
  if (rest >= 1) h = Math.imul(h ^ data.readUInt8(i), M);
  h = Math.imul(h ^ (h >>> 13), M);
  return h ^ (h >>> 15);
}
