import { END_MARK, UNSEALED_MARK } from '@hookline/contracts';
import type { Logger } from '@hookline/runtime';
import type { Producer } from 'kafkajs';
import { classifyFailure } from '../append/classify-failure.ts';
import { partitionOfMessage } from '../append/log-producer.ts';
import { readAnswer } from '../append/read-answer.ts';
import { createKafka, type KafkaConnection } from '../client/create-kafka.ts';
import { partitionsOf } from './partitions-of.ts';
import { withAdmin } from './with-admin.ts';

/**
 * Where each partition of a sealed topic ends, by number: nothing but end marks has, or will have, this offset or a
 * higher one. `OPEN`: a leader has taken what a sealed topic refuses; ask again.
 */
export type PartitionEnds = { success: true; ends: bigint[] } | { success: false; reason: 'OPEN'; partition: number };

/**
 * Ends a sealed topic, when every broker knows that it is: each partition's leader must refuse a record that is too large
 * for a seal, and then take an end mark, which all in-sync replicas must have. What was accepted before the seal lies
 * before the mark, and is there for good, also where its own acknowledgement was still to come: the high watermark alone
 * would not tell. A leader that comes later knew of the seal before it could lead.
 *
 * Safe to repeat: further marks are harmless.
 *
 * @throws what KafkaJS throws where a partition has no leader, or too few replicas are in sync
 */
export async function endPartitions(
  connection: KafkaConnection,
  logger: Logger,
  topic: string,
): Promise<PartitionEnds> {
  const partitions = await withAdmin(connection, logger, (admin) => partitionsOf(admin, topic));
  if (partitions === null) throw new Error(`Topic ${topic} does not exist.`);
  const producer = createKafka(connection, logger).producer({
    idempotent: false,
    allowAutoTopicCreation: false,
    createPartitioner: () => partitionOfMessage,
  });
  await producer.connect();
  try {
    const ends: bigint[] = [];
    for (let partition = 0; partition < partitions.length; partition++) {
      if (!(await isRefused(producer, topic, partition))) return { success: false, reason: 'OPEN', partition };
      ends.push(await append(producer, topic, partition, END_MARK));
    }
    return { success: true, ends };
  } finally {
    await producer.disconnect();
  }
}

async function isRefused(producer: Producer, topic: string, partition: number): Promise<boolean> {
  try {
    await append(producer, topic, partition, UNSEALED_MARK);
    return false;
  } catch (error) {
    if (classifyFailure(error) === 'TOO_LARGE') return true;
    throw error;
  }
}

/** The offset behind the record. One partition and one record for each send: no answer can be another's. */
async function append(producer: Producer, topic: string, partition: number, value: Buffer): Promise<bigint> {
  const answer = readAnswer([partition], await producer.send({ topic, acks: -1, messages: [{ partition, value }] }));
  if (!answer.success) throw new Error(`Topic ${topic}: ${answer.detail}.`);
  return BigInt(answer.offsets[0] as string) + 1n;
}
