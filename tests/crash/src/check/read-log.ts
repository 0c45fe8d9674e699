import { CONTROL_SCHEMA_NAME, DELIVERY_SCHEMA_NAME, isEndMark } from '@hookline/contracts';
import { createSchemaRegistry, readTopic } from '@hookline/kafka';
import type { RecordedGeneration } from '../system/read-generations.ts';
import { logger, readEnds, type System } from '../system/system.ts';
import { partitionName, type LogRecord } from './facts.ts';

const READ_MS = 60_000;

/** Every record of one topic, past every service, in the order of partitions and offsets. */
export async function readLog(
  { stack }: System,
  { topic, ends }: Pick<RecordedGeneration, 'topic' | 'ends'>,
  from: ReadonlyMap<number, bigint>,
): Promise<{ log: LogRecord[]; behindEnds: LogRecord[] }> {
  const { brokers, registryUrl } = stack.addresses;
  const registry = createSchemaRegistry({ url: registryUrl, timeoutMs: 10_000, topic }, logger);
  const range = { topic, from, to: await readEnds({ stack, topic }), timeoutMs: READ_MS };
  const log: LogRecord[] = [];
  const behindEnds: LogRecord[] = [];
  for (const { partition, offset, key, value } of await readTopic({ brokers, clientId: 'crash' }, logger, range)) {
    const decoded = registry.decodeCached(value) ?? (await registry.decode(value));
    const delivery =
      decoded.success && decoded.kind === DELIVERY_SCHEMA_NAME
        ? {
            key: String(key),
            guid: decoded.delivery.guid,
            digest: decoded.delivery.digest.toString('hex'),
            event: decoded.delivery.event,
          }
        : null;
    const command =
      decoded.success && decoded.kind === CONTROL_SCHEMA_NAME
        ? { id: decoded.control.commandId, name: decoded.control.command, actor: decoded.control.actor }
        : null;
    const end = ends?.[partition];
    const into = end === undefined || offset < end ? log : behindEnds;
    into.push({ partition: partitionName(topic, partition), offset, delivery, command, isEndMark: isEndMark(value) });
  }
  return { log, behindEnds };
}
