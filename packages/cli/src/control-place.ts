import { topicName } from '@hookline/contracts';
import { readTopicGeneration } from '@hookline/database';
import { HooklineError, type ConfigOf } from '@hookline/runtime';
import type { Via } from './control-options.ts';
import { readDatabase } from './partitions-list.ts';
import { presentHalt } from './partitions-view.ts';
import type { controlOptions } from './settings.ts';
import { withDatabase } from './with-database.ts';

export type ControlConfig = ConfigOf<typeof controlOptions>;

/** Whose deliveries are decided about, and which of their partitions do not read. */
export interface ControlPlace {
  consumerGroup: string;
  topic: string;
  /** As recorded: keys are in partitions by this number, whatever Kafka says. */
  partitions: number;
  /** Why, by partition. */
  halted: ReadonlyMap<number, string>;
}

/** @throws {HooklineError} DATABASE_MISMATCH where the topic is not recorded, and as `withDatabase` does */
export async function readControlPlace(config: ControlConfig): Promise<ControlPlace> {
  const topic = topicName(config.topic, config.topicGeneration);
  const recorded = await withDatabase(config.databaseUrl, (database) => readTopicGeneration(database, topic));
  if (!recorded) {
    throw new HooklineError(
      'DATABASE_MISMATCH',
      `No partition count is recorded for topic ${topic}: nobody can tell where a key is. Run: hookline topics create.`,
    );
  }
  const view = await readDatabase(config);
  const halts = view.halts.flatMap(({ partition }) => presentHalt(view, partition) ?? []);
  return {
    consumerGroup: config.consumerGroup,
    topic,
    partitions: recorded.partitions,
    halted: new Map(halts.map(({ partition, reason }) => [partition, reason])),
  };
}

/** How a command reaches the owner of a partition. The log of a halted one is not read. Pure. */
export function viaOf({ halted }: ControlPlace, partition: number, given: Via | null): Via {
  return given ?? (halted.has(partition) ? 'table' : 'log');
}
