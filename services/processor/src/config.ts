import {
  commonOptions,
  databaseOptions,
  groupOptions,
  kafkaOptions,
  option,
  retentionOptions,
  routesOptions,
  type ConfigOf,
} from '@hookline/runtime';
import { laneOptions } from './lanes/lane-options.ts';
import { livenessOptions } from './liveness/liveness-options.ts';
import { parseReplayRules, type ReplayRule } from './slice/replay-policies.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

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
  queueTotalRecords: option.integer({
    env: 'HOOKLINE_QUEUE_TOTAL_RECORDS',
    help: 'Records in memory, waiting or being worked on, of all partitions together, before the fullest ones pause.',
    min: 1,
    default: 20_000,
  }),
  queueTotalBytes: option.integer({
    env: 'HOOKLINE_QUEUE_TOTAL_BYTES',
    help: 'Bytes of records in memory, waiting or being worked on, of all partitions together, before the fullest ones pause.',
    unit: 'bytes',
    min: 1,
    default: 64 * MIB,
  }),
  fetchBytes: option.integer({
    env: 'HOOKLINE_FETCH_BYTES',
    help: 'Compressed bytes that one fetch takes per partition.',
    unit: 'bytes',
    min: KIB,
    default: 256 * KIB,
  }),
  laneKeyBytes: option.integer({
    env: 'HOOKLINE_LANE_KEY_BYTES',
    help: 'Compressed bytes of one repository that may wait in its lane before its partition pauses; a single larger delivery still waits.',
    unit: 'bytes',
    min: 1,
    default: 256 * MIB,
  }),
  laneTotalBytes: option.integer({
    env: 'HOOKLINE_LANE_TOTAL_BYTES',
    help: 'Compressed bytes that may wait in all lanes of the database before partitions pause that would add to them.',
    unit: 'bytes',
    min: 1,
    default: 4 * GIB,
  }),
  breakerKeys: option.integer({
    env: 'HOOKLINE_BREAKER_KEYS',
    help: 'Repositories for which a handler must fail alike, and for half of all at least, before it is taken for broken.',
    min: 2,
    max: 10_000,
    default: 25,
  }),
  breakerWindowMs: option.duration({
    env: 'HOOKLINE_BREAKER_WINDOW_MS',
    help: 'How long the last outcome of a repository counts for that.',
    min: 1000,
    default: 60_000,
  }),
  replayRules: option.custom<ReplayRule[]>({
    env: 'HOOKLINE_REPLAY_POLICIES',
    help:
      'What is done about a payload that arrives under another GUID, and identifies its event: hold it for an operator, ' +
      'process it, or suppress it. `*` is any source or event; the rule that names most decides.',
    type: 'list',
    allowed: 'source/event=hold|process|suppress, separated by commas',
    default: [{ source: '*', event: '*', policy: 'hold' }],
    parse: parseReplayRules,
    format: (rules) => rules.map(({ source, event, policy }) => `${source}/${event}=${policy}`).join(','),
  }),
  sessionTimeoutMs: option.duration({
    env: 'HOOKLINE_SESSION_TIMEOUT_MS',
    help: 'A member of the group that says nothing for this long loses its partitions.',
    min: 1000,
    default: 6000,
  }),
  handlersModule: option.optionalString({
    env: 'HOOKLINE_HANDLERS_MODULE',
    help: 'Your handlers: path or package of a module whose default export is what `handlers(…)` returned. They run beside the built-in ones.',
  }),
  ...routesOptions,
  handlersRole: option.string({
    env: 'HOOKLINE_HANDLERS_ROLE',
    help: "Database role that users' handlers run under; the processor's own must be a member of it.",
    default: 'hookline_handlers',
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
  watchdogMs: option.duration({
    env: 'HOOKLINE_WATCHDOG_MS',
    help: 'How long a handler may keep the event loop before the process is ended (exit code 142); 0: for ever, as a debugger needs it.',
    default: 30_000,
  }),
  ...laneOptions,
  ...livenessOptions,
  ...retentionOptions,
};

export type ProcessorConfig = ConfigOf<typeof processorOptions>;
