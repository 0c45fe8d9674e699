export { cached } from './cache.ts';
export { detectProvider } from './detect-provider.ts';
export { freePort } from './free-ports.ts';
export { guard, release, type Ward } from './guardian/guardian.ts';
export { tryLock, unlock } from './lock.ts';
export { findPrometheus, type FoundPrometheus, type PrometheusPrograms } from './prometheus/find-prometheus.ts';
export {
  startPrometheus,
  type LocalPrometheus,
  type PrometheusSeries,
  type PrometheusSettings,
} from './prometheus/start-prometheus.ts';
export { startPgbouncer, type Pgbouncer } from './pgbouncer/start-pgbouncer.ts';
export { removeStackData } from './remove-stack-data.ts';
export { type SecureAddresses, startSecureStack } from './secure/start-secure-stack.ts';
export { createServiceLogins, serviceUrls, type ServiceUrls } from './service-logins.ts';
export { prepareStack, startStack } from './start-stack.ts';
export * from './stack.ts';
export * from './testing/index.ts';
export * from './versions.ts';
