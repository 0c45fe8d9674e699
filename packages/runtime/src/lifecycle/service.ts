import type { Clock } from '../clock.ts';
import type { Health } from '../health.ts';
import type { Logger } from '../logging/logger.ts';
import type { Metrics } from '../metrics.ts';
import type { CommonConfig } from '../options/common-options.ts';
import type { ConfigOf, Option, OptionTable } from '../options/option.ts';
import type { Tracing } from '../tracing/tracing.ts';

/** What a process runs. Made by the service's one place of wiring, without I/O; I/O begins in `start`. */
export interface Service {
  /** Resolves when the service works. A rejection ends the process. */
  start(): Promise<void>;
  /**
   * Finishes what was begun, takes nothing new, resolves. Called at most once, possibly while `start` is pending:
   * it must then not wait for a start that cannot end, such as one that waits for a broker.
   */
  stop(): Promise<void>;
}

/** What the runtime hands to the wiring. */
export interface ServiceContext<Config> {
  config: Config;
  logger: Logger;
  metrics: Metrics;
  health: Health;
  clock: Clock;
  /** Absent: nothing is traced. */
  tracing?: Tracing;
}

export interface ServiceDefinition<T extends OptionTable> {
  /** Names the program in `--help`, its log lines and `hookline_build_info`. */
  name: string;
  /** One sentence for `--help`. */
  description: string;
  version?: string;
  options: T;
  /**
   * What is wrong with values that are fine one by one: one sentence per problem, naming the variables. Values that
   * are wrong by themselves are absent, so that all problems are told at once. It may load what they name.
   */
  validate?: (config: Partial<ConfigOf<T>>) => string[] | Promise<string[]>;
  /** How long the event loop may be blocked before the process is ended, in milliseconds; absent or 0: for ever. */
  watchdogMs?: (config: ConfigOf<T>) => number;
  create(context: ServiceContext<ConfigOf<T>>): Service;
}

/** A table that begins with `...commonOptions`. */
export type ServiceOptions = OptionTable & { [K in keyof CommonConfig]: Option<CommonConfig[K]> };
