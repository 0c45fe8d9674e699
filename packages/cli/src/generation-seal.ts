import { setTimeout as delay } from 'node:timers/promises';
import { recordEnds } from '@hookline/database';
import { endPartitions, kafkaConnection, readUnsealedBrokers, sealTopic } from '@hookline/kafka';
import type { TopicConfig } from './create-topics.ts';
import { CLI_EXIT, CommandEnd } from './exit-codes.ts';
import { silentLogger } from './kafka-access.ts';
import { messageOf } from './message-of.ts';
import type { Output } from './output.ts';
import { withDatabase } from './with-database.ts';

const POLL_MS = 500;

/**
 * Seals a topic, waits until every broker knows and every leader refuses, and records where its partitions end.
 *
 * @throws {CommandEnd} pending, when that is not so within the time
 */
export async function seal(config: TopicConfig, topic: string, waiting: AbortSignal, output: Output): Promise<void> {
  const logger = silentLogger();
  const connection = kafkaConnection(config);
  await sealTopic(connection, logger, topic);
  output.progress(`${topic} is sealed; waiting until no broker takes anything more.`);
  const tell = onChange(output);
  for (;;) {
    const brokers = await readUnsealedBrokers(connection, logger, topic);
    if (brokers.length > 0) tell(`Not known yet by ${brokers.join(', ')}.`);
    else {
      const ended = await endPartitions(connection, logger, topic).catch((error: unknown) => error as Error);
      if ('success' in ended && ended.success) {
        await withDatabase(config, (database) => recordEnds(database, topic, ended.ends));
        return output.progress(`${topic} has ended in all of its ${ended.ends.length} partitions.`);
      }
      tell('success' in ended ? `Partition ${ended.partition} is still open.` : messageOf(ended));
    }
    if (waiting.aborted) throw stillSealing(topic);
    await delay(POLL_MS);
  }
}

function stillSealing(topic: string): CommandEnd {
  return new CommandEnd(
    CLI_EXIT.pending,
    `${topic} is sealed, and not all of its partitions have ended. Run this again to go on: until then what ingest ` +
      'accepts waits in the new topic.',
  );
}

/** Says a thing once, until something else is said. */
export function onChange(output: Output): (message: string) => void {
  let last = '';
  return (message) => {
    if (message !== last) output.progress(message);
    last = message;
  };
}
