import { outboundOptions } from '@hookline/outbound';
import { commonOptions, databaseOptions, option, type ConfigOf } from '@hookline/runtime';
import { httpOptions } from './kinds/http/http-options.ts';
import { jobOptions } from './kinds/kafka/job-options.ts';

const MIB = 1024 * 1024;

/** Every setting of the relay. */
export const relayOptions = {
  ...commonOptions,
  ...databaseOptions,
  leaseMs: option.duration({
    env: 'HOOKLINE_LEASE_MS',
    help: 'How long a relay has its shards after its last renewal: so long wait the effects of one that has died.',
    min: 1000,
    default: 20_000,
  }),
  leaseMarginMs: option.duration({
    env: 'HOOKLINE_LEASE_MARGIN_MS',
    help: 'What a lease is taken to end earlier here than in the database, for clocks that run apart; and how long after its end an attempt is taken to be under way.',
    min: 0,
    default: 1000,
  }),
  attemptDeadlineMs: option.duration({
    env: 'HOOKLINE_EFFECT_DEADLINE_MS',
    help: 'How long one attempt to send an effect may take.',
    min: 100,
    default: 10_000,
  }),
  effectConcurrency: option.integer({
    env: 'HOOKLINE_EFFECT_CONCURRENCY',
    help: 'Attempts that run at once; one target, a host or an installation, may have half of them.',
    min: 1,
    max: 2000,
    default: 128,
  }),
  effectBytes: option.integer({
    env: 'HOOKLINE_EFFECT_BYTES',
    help: 'Bytes of effects that are being sent at once, with the deliveries that go with them; a single larger one goes alone.',
    unit: 'bytes',
    min: 1,
    default: 64 * MIB,
  }),
  effectMaxAttempts: option.integer({
    env: 'HOOKLINE_EFFECT_MAX_ATTEMPTS',
    help: 'Failed attempts after which an effect is dead, where its kind does not say otherwise.',
    min: 1,
    max: 1000,
    default: 20,
  }),
  effectRetryMinMs: option.duration({
    env: 'HOOKLINE_EFFECT_RETRY_MIN_MS',
    help: 'Wait before the first retry of an effect; it doubles with each failure, with jitter over its upper half.',
    min: 1,
    default: 1000,
  }),
  effectRetryMaxMs: option.duration({
    env: 'HOOKLINE_EFFECT_RETRY_MAX_MS',
    help: 'Longest wait between two attempts of an effect, unless its target asks for more.',
    min: 1,
    default: 600_000,
  }),
  outboxPollMs: option.duration({
    env: 'HOOKLINE_OUTBOX_POLL_MS',
    help: 'How often the outbox is looked into when no hint comes.',
    min: 10,
    default: 1000,
  }),
  statementTimeoutMs: option.duration({
    env: 'HOOKLINE_STATEMENT_TIMEOUT_MS',
    help: 'How long one SQL statement may take.',
    min: 1,
    default: 5000,
  }),
  listenDatabaseUrl: option.optionalUrl({
    env: 'HOOKLINE_LISTEN_DATABASE_URL',
    help:
      'The same database past a pooler in transaction mode, for the one connection by which the relay hears of effects at ' +
      'once; behind such a pooler it hears nothing, and looks every HOOKLINE_OUTBOX_POLL_MS. Not set: HOOKLINE_DATABASE_URL.',
    schemes: ['postgresql', 'postgres'],
    secret: true,
  }),
  listenDatabaseUrlFile: option.fileOf({ env: 'HOOKLINE_LISTEN_DATABASE_URL' }),
  effectKindsModule: option.optionalString({
    env: 'HOOKLINE_EFFECT_KINDS_MODULE',
    help: 'Module whose default export is a list of kinds of effects of your own: a path, or the name of an installed package.',
  }),
  githubFile: option.optionalString({
    env: 'HOOKLINE_GITHUB_FILE',
    help: 'JSON file with the list of credentials by which effects act at GitHub: namespace, and appId with privateKeyFile, or tokenFile; baseUrl and sources where they differ.',
  }),
  ...httpOptions,
  ...jobOptions,
  ...outboundOptions,
};

export type RelayConfig = ConfigOf<typeof relayOptions>;
