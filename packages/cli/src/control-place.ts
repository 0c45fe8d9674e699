import { topicName, type GenerationState } from '@hookline/contracts';
import { readGenerations } from '@hookline/database';
import { HooklineError, type ConfigOf } from '@hookline/runtime';
import type { Via } from './control-options.ts';
import { readDatabase } from './partitions-list.ts';
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

/** @throws {HooklineError} DATABASE_MISMATCH where the topic is not the one that is read, and as `withDatabase` does */
export async function readControlPlace(config: ControlConfig): Promise<ControlPlace> {
  const topic = topicName(config.topic, config.topicGeneration);
  const [recorded] = await withDatabase(config, (database) => readGenerations(database, [topic]));
  if (!recorded) {
    throw mismatch(
      `No partition count is recorded for topic ${topic}: nobody can tell where a key is. Run: hookline topics create.`,
    );
  }
  if (recorded.state !== 'active') throw mismatch(ELSEWHERE[recorded.state](topic));
  const view = await readDatabase(config);
  const halts = view.halts.filter(({ isPresent }) => isPresent);
  return {
    consumerGroup: config.consumerGroup,
    topic,
    partitions: recorded.partitions,
    halted: new Map(halts.map(({ partition, reason }) => [partition, reason])),
  };
}

/** What waits is of another generation, or about to be. */
const ELSEWHERE: Readonly<Record<Exclude<GenerationState, 'active'>, (topic: string) => string>> = {
  prepared: (topic) => `Topic ${topic} is not read yet: set HOOKLINE_TOPIC_GENERATION to the generation before.`,
  sealing: (topic) => `Topic ${topic} is sealed, and takes no decision: decide when what waits has moved.`,
  draining: (topic) => `Topic ${topic} is sealed, and takes no decision: decide when what waits has moved.`,
  moved: (topic) => `What waited in topic ${topic} has moved: set HOOKLINE_TOPIC_GENERATION to the next generation.`,
};

/** A log that has moved since its place was read. */
export const hasMoved = (topic: string): HooklineError => mismatch(ELSEWHERE.moved(topic));

function mismatch(message: string): HooklineError {
  return new HooklineError('DATABASE_MISMATCH', message);
}

/** How a command reaches the owner of a partition. The log of a halted one is not read. Pure. */
export function viaOf({ halted }: ControlPlace, partition: number, given: Via | null): Via {
  return given ?? (halted.has(partition) ? 'table' : 'log');
}
