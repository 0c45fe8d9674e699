import { DELIVERY_SCHEMA_NAME } from '@hookline/contracts';
import { readTopic, type KafkaConnection, type PartitionOffsets, type SchemaRegistry } from '@hookline/kafka';
import type { Logger } from '@hookline/runtime';

/** A delivery as the log has it, with its place. */
export interface LogEntry {
  partition: number;
  offset: bigint;
  key: string;
  guid: string;
  /** Hex. */
  digest: string;
}

const TIMEOUT_MS = 60_000;

/**
 * Reads the log itself, past the processor: what arrived between `from` and `to`, partition by partition in order.
 *
 * @throws when a record is neither a delivery of ours nor an operator's decision, which is left out
 */
export async function readLog(
  connection: KafkaConnection,
  registry: SchemaRegistry,
  logger: Logger,
  range: { topic: string; from: PartitionOffsets; to: PartitionOffsets },
): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  for (const record of await readTopic(connection, logger, { ...range, timeoutMs: TIMEOUT_MS })) {
    const { partition, offset, key, value } = record;
    const decoded = await registry.decode(value);
    if (!decoded.success) throw new Error(`Partition ${partition}, offset ${offset} is no delivery: ${decoded.detail}`);
    if (decoded.kind !== DELIVERY_SCHEMA_NAME) continue;
    const { guid, digest } = decoded.delivery;
    entries.push({ partition, offset, key: key?.toString('utf8') ?? '', guid, digest: digest.toString('hex') });
  }
  return entries;
}
