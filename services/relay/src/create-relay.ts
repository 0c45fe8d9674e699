import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import {
  createDatabase,
  databaseConnection,
  hintRelays,
  listenOutbox,
  makeRanges,
  SHARDS_HINT,
  type Database,
  type DatabaseConnection,
  type OutboxListener,
} from '@hookline/database';
import { NO_TRACING, type EffectKind, type Service, type ServiceContext } from '@hookline/runtime';
import type { RelayConfig } from './config.ts';
import { createRelayEvents } from './events.ts';
import { createBuiltInKinds } from './kinds/create-kinds.ts';
import { createKindRegistry } from './kinds/kind-registry.ts';
import { createHeldShards } from './leases/held-shards.ts';
import { createLeaseKeeper } from './leases/lease-keeper.ts';
import { createQueueBudget } from './queue/queue-budget.ts';
import { createShardQueue } from './queue/shard-queue.ts';
import { createReader } from './reading/reader.ts';
import { createRelayLoops } from './relay-loops.ts';
import { createDispatcher } from './sending/dispatcher.ts';
import { createSettler } from './sending/settler.ts';
import { createTargets } from './sending/targets.ts';

/** What the start and tests add; production has no other way in. */
export interface RelayOverrides {
  /** Kinds beside those that come with it: of the users' module. */
  kinds?: readonly EffectKind[];
  random?: () => number;
  /** Puts something around the database, such as a crash between two statements. */
  aroundDatabase?: (database: Database) => Database;
  /** Puts something around each kind, such as a crash between two steps of an attempt. */
  aroundKind?: (kind: EffectKind) => EffectKind;
}

/** One connection for each loop, and one for what is done besides. */
const POOL_SIZE = 5;
const PAGE = 2000;
const ENTRIES_PER_KEY = 32;
/** What waits in memory, of all shards together. */
const QUEUE_LIMITS = { entries: 20_000, bytes: 16 * 1024 * 1024 };
const MAKE_RANGES_MS = 60 * 60 * 1000;
const LISTEN_CHECK_MS = 30_000;
const HEAR_MS = 5_000;
/** Of the grace period what is kept for writing what became of attempts, and for giving shards back. */
const LEAVE_MS = 3000;
const CLOSE_MS = 1000;

/** The one place where a relay is put together. */
export function createRelay(
  { config, logger, metrics, health, clock, tracing = NO_TRACING }: ServiceContext<RelayConfig>,
  overrides: RelayOverrides = {},
): Service {
  const { random = Math.random, aroundDatabase = (database: Database) => database } = overrides;
  const { aroundKind = (kind: EffectKind) => kind } = overrides;
  const events = createRelayEvents(logger, metrics, clock);
  const relay = `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`;
  const { leaseMs, leaseMarginMs: marginMs, statementTimeoutMs } = config;
  const database = aroundDatabase(
    createDatabase({
      ...databaseConnection(config),
      poolSize: POOL_SIZE,
      applicationName: 'hookline-relay',
      queryTimeoutMs: statementTimeoutMs + 5000,
      connectTimeoutMs: 5000,
      onConnectionError: (error) => events.databaseConnectionLost(error),
    }),
  );
  const builtIn = createBuiltInKinds({ config, logger, metrics, clock }, database, events);
  const kinds = createKindRegistry([...builtIn.kinds, ...(overrides.kinds ?? [])].map(aroundKind));
  const budget = createQueueBudget(QUEUE_LIMITS);
  const held = createHeldShards(() => createShardQueue({ entriesPerKey: ENTRIES_PER_KEY, room: budget.open() }));
  const shared = { database, clock, events, held, kinds, relay, marginMs, statementTimeoutMs, random };
  const stopping = new AbortController();
  const ending = new AbortController();
  const gone = new AbortController();

  const keeper = createLeaseKeeper({ ...shared, leaseMs });
  const settler = createSettler(shared);
  const targets = createTargets(config.effectConcurrency);
  const dispatcher = createDispatcher({
    ...shared,
    tracing,
    targets,
    settler,
    concurrency: config.effectConcurrency,
    maxBytes: config.effectBytes,
    deadlineMs: config.attemptDeadlineMs,
    policy: {
      maxAttempts: config.effectMaxAttempts,
      baseMs: config.effectRetryMinMs,
      maxMs: config.effectRetryMaxMs,
    },
    ending: ending.signal,
    wake: { settle: () => loops.settle.wake(), claim: () => loops.claim.wake(), read: () => loops.read.wake() },
  });
  const reader = createReader({ ...shared, targets, pageSize: PAGE, keyPageSize: ENTRIES_PER_KEY });
  const loops = createRelayLoops({ ...shared, config, keeper, reader, settler, dispatcher });

  let listener: OutboxListener | undefined;
  let rangesTimer: NodeJS.Timeout | undefined;
  let working: Promise<unknown> = Promise.resolve();
  let lasting: Promise<unknown> = Promise.resolve();
  health.readiness('leases', loops.leases);
  health.liveness('loops', loops.progress);

  const makeRangesAhead = () => void makeRanges(database).catch((error: unknown) => events.rangesNotMade(error));

  /** Ends what is being sent, by itself or by its signal, and gives the shards back as they come to their end. */
  async function drain(): Promise<void> {
    keeper.drain();
    const endAt = clock.monotonic() + Math.max(0, config.stopGraceMs - LEAVE_MS);
    while (held.inFlight() > 0 && clock.monotonic() < endAt) {
      loops.lease.wake();
      await delay(Math.min(100, Math.max(1, endAt - clock.monotonic())));
    }
    ending.abort(new Error('The relay is stopping.'));
    const lastAt = clock.monotonic() + LEAVE_MS / 2;
    while (held.inFlight() > 0 && clock.monotonic() < lastAt) await delay(20);
  }

  return {
    async start() {
      await builtIn.start();
      listener = listenOutbox({
        ...listenConnection(config),
        connectTimeoutMs: 5000,
        checkMs: LISTEN_CHECK_MS,
        onHint: (hint) => (hint === SHARDS_HINT ? loops.lease.wake() : loops.read.wake()),
        giveHint: () => hintRelays(database),
        hearMs: HEAR_MS,
        onDeaf: () => events.hintsNotHeard(),
        onLost: (error) => events.hintsLost(error),
      });
      makeRangesAhead();
      rangesTimer = setInterval(makeRangesAhead, MAKE_RANGES_MS);
      working = Promise.all([loops.read.run(stopping.signal), loops.claim.run(stopping.signal)]);
      // These go on until everything is written: without them what was sent would be ambiguous.
      lasting = Promise.all([loops.lease.run(gone.signal), loops.settle.run(gone.signal)]);
    },
    async stop() {
      stopping.abort();
      clearInterval(rangesTimer);
      await within(Promise.all([working, listener?.close()]), config.stopGraceMs / 2);
      await drain();
      gone.abort();
      await within(lasting, CLOSE_MS);
      await within(
        keeper.leave().catch((error: unknown) => events.retrying('lease', 1, 0, error)),
        CLOSE_MS,
      );
      await builtIn.stop();
      await within(database.close(), CLOSE_MS);
    },
  };
}

/** Where it listens: where everything else is asked, or past a pooler that would hear in our place. */
function listenConnection(config: RelayConfig): DatabaseConnection {
  const { listenDatabaseUrl: databaseUrl, listenDatabaseUrlFile: databaseUrlFile } = config;
  return databaseConnection(databaseUrl === undefined ? config : { ...config, databaseUrl, databaseUrlFile });
}

/** Resolves when the work ends or the time is up: a database that says nothing must not hold up a stop. */
async function within(work: Promise<unknown>, ms: number): Promise<void> {
  await Promise.race([work, delay(ms, undefined, { ref: false })]);
}
