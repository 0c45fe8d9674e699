import type { RecordMetadata } from 'kafkajs';

/** The offset of every record of a send, by its place in it, or why none of them counts as written. */
export type Answer = { success: true; offsets: string[] } | { success: false; detail: string };

/**
 * Reads the answer to a send. Only what it names is in the log: KafkaJS resolves with a partition missing when that
 * has moved in the meantime (tulios/kafkajs#1798), or when its metadata do not have it.
 *
 * @param partitions the partition of each record sent, in order
 */
export function readAnswer(partitions: readonly number[], answer: readonly RecordMetadata[]): Answer {
  const next = new Map<number, bigint>();
  for (const { partition, errorCode, baseOffset } of answer) {
    if (errorCode !== 0) return { success: false, detail: `partition ${partition} answered with error ${errorCode}` };
    if (baseOffset !== undefined && !baseOffset.startsWith('-')) next.set(partition, BigInt(baseOffset));
  }
  const offsets: string[] = [];
  for (const partition of partitions) {
    const offset = next.get(partition);
    if (offset === undefined) return { success: false, detail: `the answer does not name partition ${partition}` };
    offsets.push(offset.toString());
    next.set(partition, offset + 1n);
  }
  return { success: true, offsets };
}
