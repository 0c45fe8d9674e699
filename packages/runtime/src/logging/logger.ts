import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import { MASK, maskUrl } from '../options/masked.ts';
import { NO_TRACING, type Tracing } from '../tracing/tracing.ts';
import { serializeError } from './serialize-error.ts';

export type { Logger } from 'pino';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Never written, wherever one of these names is a key down to two levels below the top of a log line. */
const SECRET_KEYS = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'secrets',
  'token',
  'databaseUrl',
  '["x-hub-signature"]',
  '["x-hub-signature-256"]',
];

/**
 * JSON lines with ISO time, the level's name and the service; errors (key `err`) with code, stack and the chain of
 * their causes.
 *
 * @param settings.destination default stdout, written synchronously: a line logged just before the process exits is
 *   the one that tells why, and must not be lost in a buffer
 * @param settings.tracing whose active span each line names; absent: none does
 */
export function createLogger(settings: {
  service: string;
  level: LogLevel;
  destination?: DestinationStream;
  tracing?: Pick<Tracing, 'logFields'> | undefined;
}): Logger {
  const { tracing } = settings;
  return pino(
    {
      ...(tracing && tracing !== NO_TRACING && { mixin: () => tracing.logFields() }),
      level: settings.level,
      base: { service: settings.service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: serializeError },
      redact: { paths: SECRET_KEYS.flatMap(atEveryDepth), censor },
    },
    settings.destination ?? pino.destination({ fd: 1, sync: true }),
  );
}

function atEveryDepth(key: string): string[] {
  const dot = key.startsWith('[') ? '' : '.';
  return [key, `*${dot}${key}`, `*.*${dot}${key}`];
}

function censor(value: unknown, path: string[]): string {
  // Which host and database it is, is worth knowing; its password is not.
  return path.at(-1) === 'databaseUrl' && typeof value === 'string' ? maskUrl(value) : MASK;
}
