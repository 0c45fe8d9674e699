import { randomUUID } from 'node:crypto';
import { partitionOf, RECORD_HEADERS, type Delivery } from '@hookline/contracts';
import { createDeliveryLog, createSchemaRegistry } from '@hookline/kafka';
import { createLogger, createMetrics } from '@hookline/runtime';
import type { System } from '../system/open-system.ts';
import { keyOf, newDelivery } from './deliveries.ts';
import { payloadsOf, type PayloadSet } from './payloads.ts';

const AT_ONCE = 500;

export interface LogFill {
  /** Each has a delivery, in this order. */
  repositories: Iterator<number>;
  /** Default: pushes. */
  payloads?: PayloadSet;
  /** Of the deliveries. Default: new ones; the same repositories with the same GUIDs are the same deliveries again. */
  guids?: Iterator<string>;
  /** How many wait for the log at once: fewer than by default where bodies are large, for 64 MiB wait at most. */
  atOnce?: number | undefined;
  /** Makes the trace of each record. Default: none. */
  traceparent?: () => string;
}

/**
 * Appends a delivery for each of the repositories, by the writer that ingest uses: a log for a processor to work off,
 * faster than webhooks would fill it.
 */
export async function fillLog(
  { stack, topic, partitions }: Pick<System, 'stack' | 'topic' | 'partitions'>,
  { repositories, payloads: set = 'push', guids = randomGuids(), atOnce = AT_ONCE, traceparent }: LogFill,
): Promise<void> {
  const payloads = payloadsOf(set);
  const logger = createLogger({ service: 'bench', level: 'silent' });
  const registry = createSchemaRegistry({ url: stack.registryUrl, timeoutMs: 10_000 }, logger);
  const schemaId = await registry.deliverySchemaId(topic);
  const connection = { brokers: stack.brokers, clientId: 'bench' };
  const log = createDeliveryLog(
    { connection, topic, partitions, deadlineMs: 60_000 },
    { logger, metrics: createMetrics({ service: 'bench' }) },
  );
  const work = async (): Promise<void> => {
    for (let next = repositories.next(); !next.done; next = repositories.next()) {
      const key = keyOf(next.value);
      const delivery = newDelivery(next.value, payloads, String(guids.next().value));
      const value = registry.encodeDelivery(schemaId, delivery);
      const headers = headersOf(delivery, traceparent?.());
      const result = await log.append({ key, partition: partitionOf(key, partitions), value, headers });
      if (!result.success) throw new Error(`The log could not be filled: ${result.reason}, ${result.detail}`);
    }
  };
  await log.start();
  try {
    await Promise.all(Array.from({ length: atOnce }, work));
  } finally {
    await log.stop();
  }
}

/** Those that ingest writes. */
function headersOf({ guid, event, source }: Delivery, traceparent: string | undefined): Record<string, string> {
  const headers: Record<string, string> = {
    [RECORD_HEADERS.guid]: guid,
    [RECORD_HEADERS.event]: event,
    [RECORD_HEADERS.source]: source,
  };
  if (traceparent !== undefined) headers[RECORD_HEADERS.traceparent] = traceparent;
  return headers;
}

function* randomGuids(): Generator<string> {
  for (;;) yield randomUUID();
}
