import { HooklineError } from '@hookline/runtime';
import type { Command } from 'commander';
import { checkTopics, createTopics } from './create-topics.ts';
import { addGenerationCommand } from './generation-command.ts';
import { silentLogger } from './kafka-access.ts';
import type { Output } from './output.ts';
import { topicSettings } from './settings.ts';

/** `hookline topics create|check|generation`. */
export function addTopicsCommand(program: Command, output: Output): void {
  const topics = program.command('topics').description("the log's topic, its schemas and its recorded partition count");
  const logger = silentLogger();

  topics
    .command('create')
    .description('create the topic, register its schemas, record its partition count; safe to run again')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: true }) => {
      const result = await createTopics(topicSettings(process.env), logger);
      output.data(json ? JSON.stringify(result) : result.topic);
      output.progress(
        `${result.created ? 'Created' : 'Already there'}: ${result.topic}, ${result.partitions} partitions, ` +
          `schemas ${result.schemaId} and ${result.controlSchemaId}.`,
      );
    });

  topics
    .command('check')
    .description('compare the topic in Kafka with the settings, and look for its schemas; changes nothing')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: true }) => {
      try {
        const { topic, partitions, keyRule } = await checkTopics(topicSettings(process.env), logger);
        if (json) output.data(JSON.stringify({ success: true, topic, partitions, keyRule }));
        output.progress(`${topic} is as it should be.`);
      } catch (error) {
        if (json && isDifference(error)) output.data(JSON.stringify(asData(error)));
        throw error;
      }
    });

  addGenerationCommand(topics, output);
}

/** What was asked, and is not as it should be. */
function isDifference(error: unknown): error is HooklineError {
  return error instanceof HooklineError && (error.code === 'TOPIC_MISMATCH' || error.code === 'SCHEMA_UNKNOWN');
}

const asData = ({ code, message }: HooklineError) => ({ success: false, reason: code, problems: message.split('\n') });
