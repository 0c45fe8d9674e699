import { commonOptions, databaseOptions, groupOptions, kafkaOptions, option, type ConfigOf } from '@hookline/runtime';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Every setting of the processor. */
export const processorOptions = {
  ...commonOptions,
  ...kafkaOptions,
  ...databaseOptions,
  ...groupOptions,
  databasePoolSize: option.integer({
    env: 'HOOKLINE_DATABASE_POOL_SIZE',
    help: 'Database connections, and so how many partitions are in a transaction at once.',
    min: 2,
    max: 500,
    default: 16,
  }),
  sliceRecords: option.integer({
    env: 'HOOKLINE_SLICE_RECORDS',
    help: 'Records that one transaction takes at most.',
    min: 1,
    max: 10_000,
    default: 500,
  }),
  sliceBytes: option.integer({
    env: 'HOOKLINE_SLICE_BYTES',
    help: 'Bytes of records that one transaction takes at most; a single larger record goes alone.',
    unit: 'bytes',
    min: 1,
    default: 8 * MIB,
  }),
  queueRecords: option.integer({
    env: 'HOOKLINE_QUEUE_RECORDS',
    help: 'Records that wait in memory per partition before fetching pauses.',
    min: 1,
    default: 2000,
  }),
  queueBytes: option.integer({
    env: 'HOOKLINE_QUEUE_BYTES',
    help: 'Bytes of records that wait in memory per partition before fetching pauses.',
    unit: 'bytes',
    min: 1,
    default: 8 * MIB,
  }),
  fetchBytes: option.integer({
    env: 'HOOKLINE_FETCH_BYTES',
    help: 'Compressed bytes that one fetch takes per partition.',
    unit: 'bytes',
    min: KIB,
    default: 256 * KIB,
  }),
  sessionTimeoutMs: option.duration({
    env: 'HOOKLINE_SESSION_TIMEOUT_MS',
    help: 'A member of the group that says nothing for this long loses its partitions.',
    min: 1000,
    default: 6000,
  }),
  handlerTimeoutMs: option.duration({
    env: 'HOOKLINE_HANDLER_TIMEOUT_MS',
    help: 'How long one call of a handler may take.',
    min: 1,
    default: 30_000,
  }),
  statementTimeoutMs: option.duration({
    env: 'HOOKLINE_STATEMENT_TIMEOUT_MS',
    help: 'How long one SQL statement may take.',
    min: 1,
    default: 30_000,
  }),
  registryTimeoutMs: option.duration({
    env: 'HOOKLINE_REGISTRY_TIMEOUT_MS',
    help: 'How long the schema registry may take to answer.',
    min: 1,
    default: 5000,
  }),
};

export type ProcessorConfig = ConfigOf<typeof processorOptions>;
