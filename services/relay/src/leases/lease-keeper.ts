import {
  beatRelay,
  commit,
  countRelays,
  ensureShards,
  giveBackShards,
  hintShards,
  leaveRelays,
  renewLeases,
  takeShards,
  transaction,
  type Database,
  type Queryable,
  type RelayCount,
} from '@hookline/database';
import type { Clock } from '@hookline/runtime';
import type { RelayEvents } from '../events.ts';
import { fairShare } from './fair-share.ts';
import type { HeldShard, HeldShards } from './held-shards.ts';
import { leaseEnd, momentNow } from './lease-time.ts';

export interface LeaseSettings {
  database: Database;
  clock: Clock;
  events: RelayEvents;
  held: HeldShards;
  /** Name of this relay, like no other. */
  relay: string;
  leaseMs: number;
  marginMs: number;
  statementTimeoutMs: number;
}

/** Renews leases, takes what is free, gives back what is too much. */
export interface LeaseKeeper {
  /** Resolves to whether there are new shards to read. */
  tick(): Promise<boolean>;
  /** Takes nothing more, and gives all back as it comes to its end. */
  drain(): void;
  /** This relay is gone: for a stop, behind the last {@link tick}. */
  leave(): Promise<void>;
}

export function createLeaseKeeper(settings: LeaseSettings): LeaseKeeper {
  const { database, clock, events, held, relay, leaseMs, marginMs, statementTimeoutMs } = settings;
  let isStopping = false;

  async function giveBack(): Promise<void> {
    const idle = held.all().filter(({ isDraining, inFlight }) => isDraining && inFlight === 0);
    if (idle.length === 0) return;
    // Gone from here first: nothing begins in what may be another relay's a moment later.
    for (const one of idle) held.remove(one);
    await giveBackShards(
      database,
      relay,
      idle.map(({ shard }) => shard),
    );
    events.gaveBack(idle.map(({ shard }) => shard));
    await hintShards(database);
  }

  /** Whoever stops is counted no more: the others take what it gives back, and do not wait for its last attempt. */
  async function leaveCounted(tx: Queryable): Promise<RelayCount> {
    await leaveRelays(tx, relay);
    return countRelays(tx);
  }

  /** What is above the share is given back; idle ones first, since they can go at once. */
  function drainSurplus(share: number): void {
    const open = held.all().filter(({ isDraining }) => !isDraining);
    const surplus = open
      .toSorted((one, other) => one.inFlight - other.inFlight)
      .slice(0, Math.max(0, open.length - share));
    for (const one of surplus) one.isDraining = true;
  }

  async function renew(): Promise<boolean> {
    const before = held.all();
    const askedAt = momentNow(clock);
    const { count, renewed, taken } = await transaction(
      database,
      { statementTimeoutMs, lockTimeoutMs: statementTimeoutMs },
      async (tx) => {
        await ensureShards(tx);
        const counted = isStopping ? await leaveCounted(tx) : await beatRelay(tx, relay, leaseMs);
        const shards = before.map(({ shard }) => shard);
        const still = await renewLeases(tx, relay, leaseMs, shards);
        const wanted = isStopping ? 0 : fairShare(counted) - still.length;
        return commit({ count: counted, renewed: still, taken: await takeShards(tx, relay, leaseMs, wanted) });
      },
    );
    const validUntil = leaseEnd(askedAt, leaseMs, marginMs);
    const stillHeld = new Set<HeldShard>();
    for (const shard of renewed) {
      const one = held.get(shard);
      if (!one) continue;
      one.validUntil = validUntil;
      stillHeld.add(one);
    }
    const lost = before.filter((one) => !stillHeld.has(one) && held.get(one.shard) === one);
    for (const one of lost) held.lose(one);
    if (lost.length > 0) events.lost(lost.map(({ shard }) => shard));
    for (const { shard } of taken) held.add(shard, validUntil);
    if (taken.length > 0) events.took(taken);
    events.leasesRenewed(count, held.all().length);
    drainSurplus(isStopping ? 0 : fairShare(count));
    return taken.length > 0;
  }

  return {
    async tick() {
      const isNew = await renew();
      await giveBack();
      return isNew;
    },
    drain() {
      isStopping = true;
      drainSurplus(0);
    },
    async leave() {
      await giveBack();
      await leaveRelays(database, relay);
      await hintShards(database);
    },
  };
}
