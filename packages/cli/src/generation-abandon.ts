import { topicName } from '@hookline/contracts';
import { abandonGeneration } from '@hookline/database';
import type { TopicConfig } from './create-topics.ts';
import { failed } from './exit-codes.ts';
import type { Output } from './output.ts';
import { withDatabase } from './with-database.ts';

/** Takes back a generation that is prepared. @throws {CommandEnd} where it is too late, or there is none */
export async function abandonNextGeneration(config: TopicConfig, output: Output): Promise<void> {
  const from = topicName(config.topic, config.topicGeneration);
  const to = topicName(config.topic, config.topicGeneration + 1);
  const abandoned = await withDatabase(config, (database) => abandonGeneration(database, from, to));
  if (!abandoned) {
    throw failed(
      `There is nothing to take back: ${to} is not prepared, or ${from} is being sealed already. Then there is only the ` +
        'way forward: hookline topics generation.',
    );
  }
  output.progress(
    `${to} is not prepared any more. Its topic is still in Kafka, and its schemas in the registry: delete them before it is prepared anew.`,
  );
}
