import { DEFAULT_KEY_RULE, DEFAULT_PARTITIONS, DEFAULT_TOPIC, KEY_RULES } from '@hookline/contracts';
import { option } from './kinds.ts';
import { databaseSecurityOptions, kafkaSecurityOptions, registrySecurityOptions } from './secure-options.ts';

/** Where Kafka is, and how it is spoken to. */
export const brokerOptions = {
  kafkaBrokers: option.list({
    env: 'HOOKLINE_KAFKA_BROKERS',
    help: 'Kafka brokers to begin with, as host:port.',
  }),
  kafkaClientId: option.string({
    env: 'HOOKLINE_KAFKA_CLIENT_ID',
    help: "Name under which the brokers' logs and quotas know this process.",
    default: 'hookline',
  }),
  ...kafkaSecurityOptions,
};

/** Where the schema registry is, and how it is spoken to. */
const registryOptions = {
  registryUrl: option.url({
    env: 'HOOKLINE_REGISTRY_URL',
    help: 'Base URL of a schema registry with the Confluent API (Apicurio: http://host:port/apis/ccompat/v7).',
    schemes: ['http', 'https'],
  }),
  ...registrySecurityOptions,
};

/** What the log is called, and what shape it has. */
export const topicOptions = {
  topic: option.string({
    env: 'HOOKLINE_TOPIC',
    help: 'Topic that is the log of deliveries.',
    default: DEFAULT_TOPIC,
  }),
  topicGeneration: option.integer({
    env: 'HOOKLINE_TOPIC_GENERATION',
    help: 'Generation of that topic: one more each time a topic with more partitions takes over.',
    min: 1,
    default: 1,
  }),
  topicPartitions: option.integer({
    env: 'HOOKLINE_TOPIC_PARTITIONS',
    help: 'Number of partitions with which that generation was created. It never changes.',
    min: 1,
    default: DEFAULT_PARTITIONS,
  }),
  topicNextPartitions: option.integer({
    env: 'HOOKLINE_TOPIC_NEXT_PARTITIONS',
    help: 'Number of partitions of the generation after that one, to which the log is to move; 0: to none.',
    min: 0,
    default: 0,
  }),
  keyRule: option.choice({
    env: 'HOOKLINE_KEY_RULE',
    help: 'What is kept in order in that generation, and waits as one where it fails: each repository, or all repositories of an owner. It never changes.',
    choices: KEY_RULES,
    default: DEFAULT_KEY_RULE,
  }),
  nextKeyRule: option.choice({
    env: 'HOOKLINE_NEXT_KEY_RULE',
    help: 'The same of the generation to which the log is to move; same: as it is now.',
    choices: ['same', ...KEY_RULES],
    default: 'same',
  }),
};

/** Where the log is and what shape it has: the same variables in every service that reads or writes it. */
export const kafkaOptions = { ...brokerOptions, ...registryOptions, ...topicOptions };

/** Who reads the log. */
export const groupOptions = {
  consumerGroup: option.string({
    env: 'HOOKLINE_CONSUMER_GROUP',
    help: "Consumer group whose members share the partitions; in Kafka its name has the topic's behind a dot. One database belongs to one group.",
    default: 'hookline-processor',
  }),
};

/** Where the state is. */
export const databaseOptions = {
  databaseUrl: option.url({
    env: 'HOOKLINE_DATABASE_URL',
    help: 'PostgreSQL database, as postgresql://user:password@host:port/name.',
    schemes: ['postgresql', 'postgres'],
    secret: true,
  }),
  ...databaseSecurityOptions,
};
