import { setTimeout as delay } from 'node:timers/promises';
import { isDrained, readDrain, readGenerations, type DrainedPartition } from '@hookline/database';
import type { TopicConfig } from './create-topics.ts';
import { CLI_EXIT, CommandEnd } from './exit-codes.ts';
import { onChange } from './generation-seal.ts';
import type { Output } from './output.ts';
import { withDatabase } from './with-database.ts';

const POLL_MS = 500;

/**
 * Waits until all that a topic has is processed, and tells how much is left.
 *
 * @returns the consumer group that has processed it
 * @throws {CommandEnd} pending, when that is not so within the time
 */
export function drain(config: TopicConfig, topic: string, waiting: AbortSignal, output: Output): Promise<string> {
  const tell = onChange(output);
  return withDatabase(config, async (database) => {
    for (;;) {
      const [recorded] = await readGenerations(database, [topic]);
      const consumerGroup = recorded?.consumerGroup ?? null;
      if (consumerGroup === null) tell('No processor has ever read this topic: start one.');
      else {
        const left = (await readDrain(database, consumerGroup, topic)).filter((partition) => !isDrained(partition));
        if (left.length === 0) return consumerGroup;
        tell(describe(left));
      }
      if (waiting.aborted) {
        throw new CommandEnd(
          CLI_EXIT.pending,
          `Not all of ${topic} is processed yet. Run this again to go on: until then what ingest accepts waits in the new topic.`,
        );
      }
      await delay(POLL_MS);
    }
  });
}

function describe(left: readonly DrainedPartition[]): string {
  const records = left.reduce((sum, { nextOffset, end }) => sum + (end - (nextOffset ?? 0n)), 0n);
  const halted = left.flatMap(({ partition, halt }) => (halt === null ? [] : [`${partition} by ${halt}`]));
  const waits = `Still to be processed: ${records > 0n ? records : 0n} records of ${left.length} partitions.`;
  if (halted.length === 0) return waits;
  return `${waits} Halted: ${halted.join(', ')}; see hookline partitions list.`;
}
