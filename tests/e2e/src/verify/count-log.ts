import { readTopicEnds } from '@hookline/kafka';
import { createLogger } from '@hookline/runtime';
import type { System } from '../system/start-system.ts';

const logger = createLogger({ service: 'e2e', level: 'error' });

/** How many records the log has. */
export async function countLog({ stack, topic }: System): Promise<bigint> {
  const ends = await readTopicEnds({ brokers: stack.brokers, clientId: 'e2e' }, logger, topic);
  return [...ends.values()].reduce((sum, end) => sum + end, 0n);
}
