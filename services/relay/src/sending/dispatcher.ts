import { claimAttempts, type AttemptEnd, type ClaimedEffect, type Database } from '@hookline/database';
import type { Clock, EffectKind, Tracing } from '@hookline/runtime';
import type { RelayEvents } from '../events.ts';
import type { KindRegistry } from '../kinds/kind-registry.ts';
import { targetOfEffect } from '../kinds/target-of-effect.ts';
import type { HeldShard, HeldShards } from '../leases/held-shards.ts';
import { later, momentNow, type Moment } from '../leases/lease-time.ts';
import type { QueueEntry } from '../queue/queue-entry.ts';
import { createAttempt } from './attempt.ts';
import { attemptSpan, tellEnd } from './attempt-span.ts';
import { createByteRoom } from './byte-room.ts';
import { decideNotBegun, type RetryPolicy } from './decide-end.ts';
import { lookAfter } from './look-after.ts';
import { runAttempt } from './run-attempt.ts';
import type { Settler } from './settler.ts';
import type { Targets } from './targets.ts';

export interface DispatcherSettings {
  database: Database;
  clock: Clock;
  events: RelayEvents;
  tracing: Tracing;
  held: HeldShards;
  kinds: KindRegistry;
  targets: Targets;
  settler: Settler;
  relay: string;
  /** Attempts at once. */
  concurrency: number;
  /** Bytes of effects that are claimed at once; a single larger one goes alone. */
  maxBytes: number;
  deadlineMs: number;
  marginMs: number;
  statementTimeoutMs: number;
  policy: RetryPolicy;
  random: () => number;
  /** Aborted when attempts must end now. */
  ending: AbortSignal;
  /** There is something to settle; there may be something to claim, or to read. */
  wake: { settle(): void; claim(): void; read(): void };
}

/** Claims what may be sent, and sends it. */
export interface Dispatcher {
  /** Claims as much as there is room for; resolves to the milliseconds until there may be more, null: not before a wake. */
  tick(): Promise<number | null>;
}

interface Picked {
  held: HeldShard;
  entry: QueueEntry;
}

/** How long an effect rests that nobody could send now, or the claim of which was refused. */
const UNKNOWN_KIND_MS = 30_000;
const CROWDED_MS = 500;
const REFUSED_MS = 1000;
const SETTLE_MS = 1000;

export function createDispatcher(settings: DispatcherSettings): Dispatcher {
  const { database, clock, events, tracing, held, kinds, targets, settler, policy, random, wake } = settings;
  const { concurrency, maxBytes, deadlineMs, marginMs, statementTimeoutMs, relay, ending } = settings;
  const room = createByteRoom(maxBytes);

  function pick(now: number): Picked[] {
    const picked: Picked[] = [];
    let free = concurrency - held.inFlight();
    if (free <= 0) return picked;
    room.inRounds(() => {
      for (const one of held.open()) {
        const entries = one.queue.take(now, free, (entry) => reserve(entry, now));
        for (const entry of entries) picked.push({ held: one, entry });
        one.inFlight += entries.length;
        free -= entries.length;
      }
    });
    return picked;
  }

  function reserve(entry: QueueEntry, now: number): boolean {
    if (!room.mayTake(entry.effectId, entry.bytes) || !targets.reserve(entry.target, now)) return false;
    room.take(entry.bytes);
    return true;
  }

  /** It is not in flight any more. */
  function leave({ held: one, entry }: Picked): void {
    one.inFlight -= 1;
    room.giveBack(entry.bytes);
  }

  async function claim(picked: readonly Picked[]): Promise<void> {
    const endsAt = later(momentNow(clock), deadlineMs);
    const byShard = Map.groupBy(picked, (one) => one.held);
    const claims = [...byShard].map(([one, entries]) => ({
      shard: one.shard,
      effectIds: entries.map(({ entry }) => entry.effectId),
    }));
    let claimed: Map<string, ClaimedEffect>;
    let refused: Set<HeldShard | undefined>;
    try {
      const result = await claimAttempts(database, { owner: relay, deadlineMs, marginMs, statementTimeoutMs }, claims);
      claimed = new Map(result.claimed.map((effect) => [effect.effectId, effect]));
      refused = new Set(result.refused.map((shard) => held.get(shard)));
    } catch (error) {
      // It may have been committed: then these are recorded as begun, and are not.
      for (const one of picked) {
        targets.release(one.entry.target, { success: null }, clock.monotonic());
        finish(one, endsAt, decideNotBegun('Its claim has failed.', one.entry.isAmbiguous, 0));
      }
      throw error;
    }
    for (const one of picked) {
      const effect = claimed.get(one.entry.effectId);
      if (effect) void send(one, effect, endsAt);
      else putOff(one, refused.has(one.held));
    }
  }

  /** It was not claimed: because the shard may not be sent now, or because memory was wrong about it. */
  function putOff(one: Picked, isRefused: boolean): void {
    const now = clock.monotonic();
    const { held: of, entry } = one;
    targets.release(entry.target, { success: null }, now);
    leave(one);
    if (isRefused) of.queue.putBack(entry, { ...entry, dueAt: now + REFUSED_MS }, now);
    else of.queue.recheck(entry);
    wake.read();
  }

  async function send(one: Picked, effect: ClaimedEffect, endsAt: Moment): Promise<void> {
    const kind = kinds.find(effect.kind);
    const target = kind ? targetOfEffect(kind, effect) : null;
    const now = clock.monotonic();
    const isReserved = target !== null && target === one.entry.target;
    if (!isReserved) targets.release(one.entry.target, { success: null }, now);
    one.entry.target = target;
    if (!kind) {
      events.unknownKind(effect);
      const reason = `No relay knows the kind ${effect.kind}.`;
      return finish(one, endsAt, decideNotBegun(reason, effect.isAmbiguous, UNKNOWN_KIND_MS));
    }
    if (!isReserved && !targets.reserve(target, now)) {
      const waitMs = (targets.limitedUntil(target as string, now) ?? now) - now + CROWDED_MS * (1 + random());
      return finish(one, endsAt, decideNotBegun('Its target takes no more now.', effect.isAmbiguous, waitMs));
    }
    const attempt = createAttempt({ effect, held: one.held, endsAt, clock, ending });
    const span = attemptSpan(tracing, effect);
    const hasEnded = events.attemptBegan(effect);
    try {
      const traced = span.traceparent === undefined ? effect : { ...effect, traceparent: span.traceparent };
      const settings = { policy, random, settleMs: SETTLE_MS };
      const run = await span.run(() => runAttempt(settings, kind, traced, attempt));
      targets.release(target, run, clock.monotonic());
      tellEnd(span, run);
      span.run(() => hasEnded(run));
      const mayBeThere = run.what === 'sent' || run.what === 'ambiguous';
      finish(one, endsAt, run.end, mayBeThere ? () => void lookForTwin(kind, effect) : undefined);
    } catch (error) {
      span.fail(error);
      targets.release(target, { success: null }, clock.monotonic());
      events.kindFailed(effect, error);
      const reason = `The kind ${effect.kind} has failed: ${error instanceof Error ? error.message : String(error)}`;
      finish(one, endsAt, decideNotBegun(reason, effect.isAmbiguous, UNKNOWN_KIND_MS));
    } finally {
      span.end();
      attempt.end();
    }
  }

  async function lookForTwin(kind: EffectKind, effect: ClaimedEffect): Promise<void> {
    const looked = await lookAfter(kind, effect, deadlineMs, ending);
    if (looked) events.lookedAfter(effect, looked);
  }

  /** `onLost`: another relay has the shard, so that the end is not written. */
  function finish(one: Picked, endsAt: Moment, end: AttemptEnd, onLost?: () => void): void {
    const { held: of, entry } = one;
    settler.add({
      held: of,
      effectId: entry.effectId,
      end,
      onWritten(isOurs) {
        leave(one);
        if (isOurs) goOn(of, entry, end, endsAt);
        else onLost?.();
        wake.claim();
        if (of.queue.hasUnread() || (!of.isRead && of.queue.roomLeft() > 0)) wake.read();
      },
    });
    wake.settle();
  }

  function goOn({ queue }: HeldShard, entry: QueueEntry, end: AttemptEnd, endsAt: Moment): void {
    const now = clock.monotonic();
    if (end.state === 'sent' || end.state === 'dead') return queue.done(entry, now);
    const isAmbiguous = end.state === 'sending';
    const dueAt = isAmbiguous ? Math.max(endsAt.monotonic, now + end.afterMs) + marginMs : now + end.afterMs;
    queue.putBack(entry, { ...entry, dueAt, isAmbiguous }, now);
  }

  return {
    async tick() {
      const now = clock.monotonic();
      const picked = pick(now);
      if (picked.length > 0) {
        await claim(picked);
        return 0;
      }
      if (held.inFlight() >= concurrency) return null;
      const nextAt = Math.min(targets.nextOpenAt(now), ...held.open().map(({ queue }) => queue.nextDueAt()));
      return Number.isFinite(nextAt) ? Math.max(1, nextAt - now) : null;
    },
  };
}
