import { commonOptions, type ConfigOf, kafkaOptions, option } from '@hookline/runtime';
import { lookUpOptions } from './look-up/options.ts';
import { readSources } from './sources/read-sources.ts';

const MIB = 1024 * 1024;

/** Every setting of ingest. */
export const ingestOptions = {
  ...commonOptions,
  ...kafkaOptions,
  host: option.string({
    env: 'HOOKLINE_INGEST_HOST',
    help: 'Address on which webhooks are taken.',
    default: '0.0.0.0',
  }),
  port: option.integer({
    env: 'HOOKLINE_INGEST_PORT',
    help: 'Port on which webhooks are taken; 0 takes a free one, which the log tells.',
    min: 0,
    max: 65535,
    default: 8080,
  }),
  sourcesFile: option.optionalString({
    env: 'HOOKLINE_SOURCES_FILE',
    help:
      'JSON file with the list of sources: name, path, namespace, secrets (label, and secret, secretFile or ' +
      'secretEnv), events, dedupScope. It is read again when it changes, and on SIGHUP.',
  }),
  sources: option.optionalString({
    env: 'HOOKLINE_SOURCES',
    help: 'The same list itself, instead of a file.',
    secret: true,
  }),
  sourcesPollMs: option.duration({
    env: 'HOOKLINE_SOURCES_POLL_MS',
    help: 'How often the file of sources, and the files of secrets that it names, are looked at for changes.',
    min: 100,
    default: 3_000,
  }),
  appendDeadlineMs: option.duration({
    env: 'HOOKLINE_INGEST_APPEND_DEADLINE_MS',
    help: 'How long a delivery may take into the log before it is answered 503. GitHub waits 10 s in all.',
    min: 100,
    max: 9_000,
    default: 8_000,
  }),
  appendMaxBytes: option.integer({
    env: 'HOOKLINE_INGEST_APPEND_MAX_BYTES',
    help: 'Bytes of verified deliveries that may wait for the log; above it they are answered 503.',
    unit: 'bytes',
    min: 27 * MIB,
    default: 64 * MIB,
  }),
  registryTimeoutMs: option.duration({
    env: 'HOOKLINE_REGISTRY_TIMEOUT_MS',
    help: 'How long the schema registry may take to answer. It is asked once, at the start.',
    min: 100,
    default: 5_000,
  }),
  ...lookUpOptions,
  readingMaxBytes: option.integer({
    env: 'HOOKLINE_INGEST_READING_MAX_BYTES',
    help: 'Bytes of bodies that may be in memory unverified; above it the largest is given up with 503.',
    unit: 'bytes',
    min: 26 * MIB,
    default: 128 * MIB,
  }),
  readingMaxRequests: option.integer({
    env: 'HOOKLINE_INGEST_READING_MAX_REQUESTS',
    help: 'Bodies that may be on their way at once; above it the slowest is given up with 503.',
    min: 1,
    default: 2_000,
  }),
  bodyMinBytesPerSecond: option.integer({
    env: 'HOOKLINE_INGEST_BODY_MIN_BYTES_PER_SECOND',
    help: 'Average rate at which a body must arrive after its first 2 s; a slower one is given up with 408.',
    unit: 'bytes/s',
    min: 1,
    default: 16 * 1024,
  }),
  bodyMaxMs: option.duration({
    env: 'HOOKLINE_INGEST_BODY_MAX_MS',
    help: 'Longest time for a body to arrive. GitHub itself gives up after 10 s.',
    min: 100,
    default: 10_000,
  }),
};

export type IngestConfig = ConfigOf<typeof ingestOptions>;

/** What is wrong with the sources, so that a start stops at it with all problems named. */
export function sourceProblems(config: Partial<IngestConfig>, environment: NodeJS.ProcessEnv = process.env): string[] {
  // A value that is wrong by itself is absent, and has been named already.
  if (!('sources' in config && 'sourcesFile' in config)) return [];
  const result = readSources({ sources: config.sources, sourcesFile: config.sourcesFile }, environment);
  return result.success ? [] : result.problems;
}

/** What is received whole is answered before a stop gives up, or the sender would wait for nothing. */
export function graceProblems({ stopGraceMs, appendDeadlineMs }: Partial<IngestConfig>): string[] {
  if (stopGraceMs === undefined || appendDeadlineMs === undefined || stopGraceMs > appendDeadlineMs) return [];
  return [
    `HOOKLINE_STOP_GRACE_MS is ${stopGraceMs}: it must be above HOOKLINE_INGEST_APPEND_DEADLINE_MS ` +
      `(${appendDeadlineMs}), or a stop could end deliveries that are on their way into the log without an answer.`,
  ];
}
