import type { ClaimedEffect, RelayCount, Shard, TakenShard } from '@hookline/database';
import type { Clock, Logger, LookResult, Metrics } from '@hookline/runtime';
import type { FileEvents } from './kinds/http/create-http-kinds.ts';
import type { AttemptRun } from './sending/run-attempt.ts';

/** What happens in a relay, one function per event: its log line and its metrics together. */
export interface RelayEvents extends FileEvents {
  /** Told once per reason. */
  notPrepared(error: unknown): void;
  rangesNotMade(error: unknown): void;
  took(shards: readonly TakenShard[]): void;
  gaveBack(shards: readonly Shard[]): void;
  /** Their leases had ended, or another relay has them. */
  lost(shards: readonly Shard[]): void;
  leasesRenewed(count: RelayCount, held: number): void;
  /** What the relay has in memory of what is to be sent. */
  queued(size: { keys: number; entries: number }): void;
  /** An attempt begins; the returned function tells how it ended. */
  attemptBegan(effect: ClaimedEffect): (run: AttemptRun) => void;
  /** Another relay has the shard of an effect that was begun here: it was looked whether it is there twice. */
  lookedAfter(effect: ClaimedEffect, looked: LookResult): void;
  /** No kind of this relay has that name: the effect waits. */
  unknownKind(effect: ClaimedEffect): void;
  /** A kind threw where it must not. */
  kindFailed(effect: ClaimedEffect, error: unknown): void;
  retrying(what: 'lease' | 'read' | 'claim' | 'settle', tries: number, waitMs: number, error: unknown): void;
  hintsLost(error: unknown): void;
  hintsNotHeard(): void;
  databaseConnectionLost(error: Error): void;
}

const KIND_LOG_MS = 60_000;

export function createRelayEvents(logger: Logger, metrics: Metrics, clock: Clock): RelayEvents {
  const m = relayMetrics(metrics);
  const toldKinds = new Map<string, number>();
  return {
    notPrepared: (err) => logger.warn({ err }, 'not ready to send effects yet; trying until it is'),
    rangesNotMade: (err) => logger.warn({ err }, 'ranges ahead were not made; trying again within the hour'),
    took(taken) {
      m.taken.inc(taken.length);
      const abandoned = taken.filter(({ wasAbandoned }) => wasAbandoned).map(({ shard }) => name(shard));
      logger.info({ shards: taken.map(({ shard }) => name(shard)), abandoned }, 'took shards of the outbox');
    },
    gaveBack: (shards) => logger.info({ shards: shards.map(name) }, 'gave shards of the outbox back'),
    lost(shards) {
      m.lost.inc(shards.length);
      logger.warn({ shards: shards.map(name) }, 'lost shards of the outbox: their leases had ended');
    },
    leasesRenewed({ relays }, held) {
      m.held.set(held);
      m.relays.set(relays);
    },
    queued({ keys, entries }) {
      m.queues.set(keys);
      m.queued.set(entries);
    },
    attemptBegan(effect) {
      const { kind } = effect;
      const startedAt = clock.monotonic();
      m.inFlight.inc();
      return ({ end, what }) => {
        m.inFlight.dec();
        m.attempts.inc({ kind, outcome: what });
        m.seconds.observe({ kind }, (clock.monotonic() - startedAt) / 1000);
        if (end.state === 'sent') {
          m.age.observe({ kind }, Math.max(0, clock.now() - effect.createdAt.getTime()) / 1000);
          if (logger.isLevelEnabled('debug')) logger.debug(facts(effect), 'sent');
        } else if (end.state === 'dead') {
          m.dead.inc({ kind, reason: end.reason });
          logger.error(
            { ...facts(effect), reason: end.reason, error: end.error },
            'EFFECT_DEAD: it is not tried again. See `hookline effects list`, then redrive or discard it',
          );
        } else if (what !== 'not-begun') {
          const waitMs = Math.round(end.afterMs);
          const say = what === 'looked' ? LOOKED : what === 'ambiguous' ? AMBIGUOUS : FAILED;
          logger.warn({ ...facts(effect), outcome: what, waitMs, error: end.error }, say);
        }
      };
    },
    lookedAfter(effect, { found }) {
      logger.info({ ...facts(effect), found }, 'another relay has the shard of what was begun here: looked for a twin');
    },
    unknownKind(effect) {
      const { kind } = effect;
      m.unknown.inc({ kind });
      const now = clock.monotonic();
      if (now < (toldKinds.get(kind) ?? 0)) return;
      toldKinds.set(kind, now + KIND_LOG_MS);
      logger.error(
        facts(effect),
        'EFFECT_KIND_UNKNOWN: no kind of that name is in this relay. Such effects wait, and their repositories behind them: ' +
          'deploy a relay that has it (HOOKLINE_EFFECT_KINDS_MODULE)',
      );
    },
    kindFailed(effect, err) {
      m.inFlight.dec();
      logger.error({ ...facts(effect), err }, 'a kind threw where it must not: the effect waits');
    },
    retrying(what, tries, waitMs, err) {
      m.retries.inc({ what });
      logger.warn({ what, tries, waitMs: Math.round(waitMs), err }, 'waiting, then trying again');
    },
    hintsLost: (err) => logger.info({ err }, 'not listening for hints of new effects; polling, and trying again'),
    hintsNotHeard: () => logger.warn(NOT_HEARD),
    fileTaken(variable) {
      m.reloads.inc({ file: variable, result: 'loaded' });
      logger.info({ variable }, 'what a file says has changed, and holds from now on');
    },
    fileRefused(variable, problems) {
      m.reloads.inc({ file: variable, result: 'refused' });
      logger.error({ variable, problems }, 'a changed file was refused, what it said before stays in force');
    },
    databaseConnectionLost: (err) => logger.warn({ err }, 'a database connection was lost'),
  };
}

const NOT_HEARD =
  'hints of new effects do not arrive: there is a pooler in transaction mode before the database. Effects wait for ' +
  'HOOKLINE_OUTBOX_POLL_MS; name a way past it in HOOKLINE_LISTEN_DATABASE_URL';
const FAILED = 'an effect was not sent; it is tried again';
const AMBIGUOUS = 'an attempt began, and nobody knows whether it had its effect';
const LOOKED = 'it was looked into an attempt whose outcome was unknown';

function name({ topic, partition }: Shard): string {
  return `${topic}/${partition}`;
}

function facts({ effectId, kind, orderingKey, queue, handler, guid, attempts, shard }: ClaimedEffect) {
  const epoch = shard.epoch.toString();
  return { effectId, kind, orderingKey, queue, handler, guid, attempts, shard: name(shard), epoch };
}

function relayMetrics(metrics: Metrics) {
  return {
    attempts: metrics.counter({
      name: 'hookline_effect_attempts_total',
      help: 'Attempts to send an effect, by kind and by how they ended.',
      labelNames: ['kind', 'outcome'],
    }),
    seconds: metrics.histogram({
      name: 'hookline_effect_attempt_seconds',
      help: 'One attempt, from its claim to its end.',
      labelNames: ['kind'],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    }),
    age: metrics.histogram({
      name: 'hookline_effect_commit_to_sent_seconds',
      help: 'From the commit of an effect to the end of the attempt that has sent it.',
      labelNames: ['kind'],
      buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 300, 3600],
    }),
    dead: metrics.counter({
      name: 'hookline_effects_dead_total',
      help: 'Effects that will not be tried again until an operator decides, by kind and why.',
      labelNames: ['kind', 'reason'],
    }),
    unknown: metrics.counter({
      name: 'hookline_effects_unknown_kind_total',
      help: 'Effects that were put off because the relay has no kind of their name.',
      labelNames: ['kind'],
    }),
    inFlight: metrics.gauge({ name: 'hookline_effects_in_flight', help: 'Attempts that run now.' }),
    queued: metrics.gauge({
      name: 'hookline_effects_queued',
      help: 'Effects that wait in the memory of the relay; behind them others may wait in the database.',
    }),
    queues: metrics.gauge({
      name: 'hookline_effect_queues',
      help: 'Ordering keys and queues of which the relay has something to send, now or later.',
    }),
    held: metrics.gauge({ name: 'hookline_shards_held', help: 'Shards of the outbox that this relay sends.' }),
    relays: metrics.gauge({ name: 'hookline_relays', help: 'Relays that share the shards, as of the last renewal.' }),
    taken: metrics.counter({ name: 'hookline_shards_taken_total', help: 'Shards of the outbox that were taken.' }),
    lost: metrics.counter({
      name: 'hookline_shards_lost_total',
      help: 'Shards of the outbox whose lease had ended before it was renewed.',
    }),
    reloads: metrics.counter({
      name: 'hookline_relay_files_reloads_total',
      help: 'Changes of the files of routes and signing secrets that were taken over, or refused.',
      labelNames: ['file', 'result'],
    }),
    retries: metrics.counter({
      name: 'hookline_relay_retries_total',
      help: 'Turns of the relay repeated because the database failed, by what they were doing.',
      labelNames: ['what'],
    }),
  };
}
