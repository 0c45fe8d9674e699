export { systemClock } from './clock.ts';
export type { Clock } from './clock.ts';
export { distance } from './distance.ts';
export { isRecord, readText } from './documents/problems.ts';
export type { Problems } from './documents/problems.ts';
export { readList } from './documents/read-list.ts';
export { readSecret, readSecretPlace, SECRET_FIELDS } from './documents/secret-place.ts';
export type { SecretOrigins, SecretPlace } from './documents/secret-place.ts';
export type { Attempt } from './effects/attempt.ts';
export type { EffectKind, OnAmbiguous } from './effects/effect-kind.ts';
export type { LookResult, SendResult } from './effects/results.ts';
export type { SendableEffect } from './effects/sendable-effect.ts';
export { HooklineError } from './errors.ts';
export type { ErrorCode } from './errors.ts';
export { createHealth } from './health.ts';
export type { Health, HealthReport, Probe, ProbeReport } from './health.ts';
export { EXIT } from './lifecycle/exit-codes.ts';
export { runService } from './lifecycle/run-service.ts';
export type { Service, ServiceContext, ServiceDefinition } from './lifecycle/service.ts';
export { createLogger } from './logging/logger.ts';
export type { Logger, LogLevel } from './logging/logger.ts';
export { createMetrics } from './metrics.ts';
export type { Metrics } from './metrics.ts';
export { createOperationsServer } from './operations-server.ts';
export type { OperationsServer } from './operations-server.ts';
export { commonOptions } from './options/common-options.ts';
export type { CommonConfig } from './options/common-options.ts';
export {
  brokerOptions,
  databaseOptions,
  groupOptions,
  kafkaOptions,
  topicOptions,
} from './options/connection-options.ts';
export { helpText } from './options/help.ts';
export { option } from './options/kinds.ts';
export { optionsMarkdown } from './options/markdown.ts';
export { maskedConfig, maskUrl } from './options/masked.ts';
export type { ConfigOf, Option, OptionTable, Parsed } from './options/option.ts';
export { readConfig } from './options/read-config.ts';
export type { ConfigResult } from './options/read-config.ts';
export { databaseSecurityOptions, kafkaSecurityOptions, registrySecurityOptions } from './options/secure-options.ts';
export { retentionOptions } from './options/retention-options.ts';
export { connectionProblems } from './secure/connection-problems.ts';
export { plainDatabaseUrl } from './secure/database-url.ts';
export { adviceOnTls } from './secure/explain-connection.ts';
export { readSecretFile, readTls } from './secure/read-files.ts';
export type { TlsFiles } from './secure/read-files.ts';
export { readRoutes } from './routes/read-routes.ts';
export type { Route } from './routes/route.ts';
export { routesOptions } from './routes/routes-options.ts';
export { backoffMs } from './pacing/backoff.ts';
export { createWakeup } from './pacing/wakeup.ts';
export type { Wakeup } from './pacing/wakeup.ts';
export { openTracing } from './tracing/open-tracing.ts';
export { NO_SPAN, NO_TRACING, withSpan } from './tracing/tracing.ts';
export type { Span, SpanFacts, SpanSettings, Tracing } from './tracing/tracing.ts';
