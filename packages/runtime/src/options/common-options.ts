import { LOG_LEVELS } from '../logging/logger.ts';
import { tracesOptions } from '../tracing/traces-options.ts';
import { option } from './kinds.ts';
import type { ConfigOf } from './option.ts';

/** What every service's table begins with: `{ ...commonOptions, … }`. */
export const commonOptions = {
  logLevel: option.choice({
    env: 'HOOKLINE_LOG_LEVEL',
    help: 'Least level of the lines that are logged.',
    choices: LOG_LEVELS,
    default: 'info',
  }),
  operationsHost: option.string({
    env: 'HOOKLINE_OPERATIONS_HOST',
    help: 'Address on which /livez, /readyz and /metrics are served.',
    default: '0.0.0.0',
  }),
  operationsPort: option.integer({
    env: 'HOOKLINE_OPERATIONS_PORT',
    help: 'Port on which /livez, /readyz and /metrics are served; 0 takes a free one, which the log tells.',
    min: 0,
    max: 65535,
    default: 9464,
  }),
  stopGraceMs: option.duration({
    env: 'HOOKLINE_STOP_GRACE_MS',
    help: 'How long a stop may take to finish what was begun; then the process exits with code 3.',
    default: 25_000,
  }),
  ...tracesOptions,
};

export type CommonConfig = ConfigOf<typeof commonOptions>;
