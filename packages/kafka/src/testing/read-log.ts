import { readRecords } from '@hookline/test-support';
import type { KafkaConnection } from '../client/create-kafka.ts';

interface TextRecord {
  offset: string;
  value: string;
}

/** Everything that is in a topic now, as text: of each partition that has any, its records in the order of offsets. */
export async function readLog({ brokers }: KafkaConnection, topic: string): Promise<Map<number, TextRecord[]>> {
  const byPartition = Map.groupBy(await readRecords(brokers, topic), ({ partition }) => partition);
  const toText = ({ offset, value }: { offset: bigint; value: Buffer | null }) => {
    return { offset: String(offset), value: String(value) };
  };
  return new Map([...byPartition].map(([partition, records]) => [partition, records.map(toText)]));
}
