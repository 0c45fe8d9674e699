import { VERSION } from '@hookline/contracts';
import { systemClock } from '../clock.ts';
import { createHealth } from '../health.ts';
import { createLogger } from '../logging/logger.ts';
import { createMetrics } from '../metrics.ts';
import { createOperationsServer } from '../operations-server.ts';
import { helpText } from '../options/help.ts';
import { maskedConfig } from '../options/masked.ts';
import type { ConfigOf } from '../options/option.ts';
import { readConfig } from '../options/read-config.ts';
import type { CommonConfig } from '../options/common-options.ts';
import { openTracing } from '../tracing/open-tracing.ts';
import { traceService } from '../tracing/trace-service.ts';
import { startWatchdog } from '../watchdog/start-watchdog.ts';
import { EXIT } from './exit-codes.ts';
import { supervise } from './supervise.ts';
import type { ServiceDefinition, ServiceOptions } from './service.ts';

/**
 * The whole main of a service: `--help` and `--version`, configuration, log, metrics, health, start and stop. It ends
 * the process itself, with a code of {@link EXIT}; the promise resolves when the service works or is being stopped.
 */
export async function runService<T extends ServiceOptions>(definition: ServiceDefinition<T>): Promise<void> {
  const { name, version = VERSION } = definition;
  answerArguments(definition, version);
  const config = await configOrExit(definition);
  const common: CommonConfig = config;
  const metrics = createMetrics({ service: name, version });
  const tracing = await openTracing(common, { service: name, version, metrics, onTrouble: tellTrouble });
  const logger = createLogger({ service: name, level: common.logLevel, tracing });
  const health = createHealth();
  const operations = createOperationsServer({
    host: common.operationsHost,
    port: common.operationsPort,
    health,
    metrics,
    logger,
  });
  logger.info({ version, node: process.version, config: maskedConfig(definition.options, config) }, 'starting');
  startWatchdog({
    service: name,
    limitMs: definition.watchdogMs?.(config) ?? 0,
    silent: common.logLevel === 'silent',
    onLost: (err) =>
      logger.error({ err }, 'the watchdog ended: a blocked event loop will not end the process any more'),
  });
  await supervise({
    create: () =>
      traceService(definition.create({ config, logger, metrics, health, clock: systemClock, tracing }), {
        tracing,
        clock: systemClock,
        stopGraceMs: common.stopGraceMs,
      }),
    operations,
    health,
    logger,
    stopGraceMs: common.stopGraceMs,
  });

  function tellTrouble(err: unknown): void {
    if (err === null) logger.info('traces are sent again');
    else logger.warn({ err }, 'traces were not sent; those that there is no room for are dropped');
  }
}

function answerArguments<T extends ServiceOptions>(definition: ServiceDefinition<T>, version: string): void {
  const [argument] = process.argv.slice(2);
  if (argument === undefined) return;
  if (argument === '--help' || argument === '-h') {
    process.stdout.write(helpText(definition.name, definition.description, definition.options));
    process.exit(EXIT.ok);
  }
  if (argument === '--version') {
    process.stdout.write(`${version}\n`);
    process.exit(EXIT.ok);
  }
  process.stderr.write(
    `${definition.name} takes no argument "${argument}": settings are environment variables, see ${definition.name} --help.\n`,
  );
  process.exit(EXIT.badConfiguration);
}

async function configOrExit<T extends ServiceOptions>(definition: ServiceDefinition<T>): Promise<ConfigOf<T>> {
  const result = readConfig(definition.options, process.env);
  const together = (await definition.validate?.(result.success ? result.config : result.partial)) ?? [];
  const errors = [...(result.success ? [] : result.errors), ...together];
  if (result.success && errors.length === 0) return result.config;
  const problems = errors.length === 1 ? 'This setting is wrong' : `These ${errors.length} settings are wrong`;
  process.stderr.write(
    `${definition.name} did not start. ${problems}:\n${errors.map((error) => `  - ${error}\n`).join('')}` +
      `${definition.name} --help tells all settings.\n`,
  );
  process.exit(EXIT.badConfiguration);
}
