import { DEFAULT_PARTITIONS, JOB_TOPIC } from '@hookline/contracts';
import {
  kafkaOptions,
  kafkaSecurityOptions,
  option,
  registrySecurityOptions,
  type ConfigOf,
  type Option,
} from '@hookline/runtime';

const brokers: Option<string[] | undefined> = {
  ...kafkaOptions.kafkaBrokers,
  help: 'Kafka brokers to begin with, as host:port, for jobs. Without them and the registry jobs wait for a relay that has them.',
  required: false,
};

/** Where jobs are appended. */
export const jobOptions = {
  kafkaBrokers: brokers,
  kafkaClientId: kafkaOptions.kafkaClientId,
  ...kafkaSecurityOptions,
  registryUrl: option.optionalUrl({
    env: kafkaOptions.registryUrl.env,
    help: kafkaOptions.registryUrl.help,
    schemes: ['http', 'https'],
  }),
  ...registrySecurityOptions,
  registryTimeoutMs: option.duration({
    env: 'HOOKLINE_REGISTRY_TIMEOUT_MS',
    help: 'How long the schema registry may take to answer.',
    min: 1,
    default: 5000,
  }),
  jobTopic: option.string({
    env: 'HOOKLINE_JOB_TOPIC',
    help: 'Topic of jobs, which a processor of its own reads; made by `hookline topics create` as that of deliveries.',
    default: JOB_TOPIC,
  }),
  jobTopicPartitions: option.integer({
    env: 'HOOKLINE_JOB_TOPIC_PARTITIONS',
    help: 'Number of partitions with which that topic was created. It never changes.',
    min: 1,
    default: DEFAULT_PARTITIONS,
  }),
  keyRule: kafkaOptions.keyRule,
};

export type JobConfig = ConfigOf<typeof jobOptions>;
