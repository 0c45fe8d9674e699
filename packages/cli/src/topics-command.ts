import { checkTopic } from '@hookline/kafka';
import { createLogger, HooklineError } from '@hookline/runtime';
import type { Command } from 'commander';
import { createTopics, wantedTopic } from './create-topics.ts';
import type { Output } from './output.ts';
import { topicSettings } from './settings.ts';

/** `hookline topics create|check`. */
export function addTopicsCommand(program: Command, output: Output): void {
  const topics = program.command('topics').description("the log's topic, its schema and its recorded partition count");
  // The services' logger writes to stdout, which belongs to the data.
  const logger = createLogger({ service: 'hookline', level: 'silent' });

  topics
    .command('create')
    .description('create the topic, register its schema, record its partition count; safe to run again')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: true }) => {
      const result = await createTopics(topicSettings(process.env), logger);
      output.data(json ? JSON.stringify(result) : result.topic);
      output.progress(
        `${result.created ? 'Created' : 'Already there'}: ${result.topic}, ${result.partitions} partitions, ` +
          `schema ${result.schemaId}.`,
      );
    });

  topics
    .command('check')
    .description('compare the topic in Kafka with the settings; changes nothing')
    .action(async () => {
      const config = topicSettings(process.env);
      const connection = { brokers: config.kafkaBrokers, clientId: config.kafkaClientId };
      const wanted = wantedTopic(config);
      const check = await checkTopic(connection, logger, wanted);
      if (!check.success) throw new HooklineError('TOPIC_MISMATCH', check.problems.join('\n'));
      output.progress(`${wanted.topic} is as it should be.`);
    });
}
