import type { Database } from '../../database.ts';
import type { PartitionPlace } from '../../fence.ts';
import { lockPartition } from '../../lock-partition.ts';
import { commit, transaction } from '../../transaction.ts';
import { discardErasedEffects, type EffectTarget } from './discard-effects.ts';
import { discardHeld, type HeldTarget } from './discard-held.ts';
import { discardWaiting, type LaneTarget } from './discard-waiting.ts';
import { eraseDead, type DeadTarget } from './erase-dead.ts';
import type { Eraser, ErasureTarget } from './erasure-targets.ts';
import { writeErasure, type ErasedDelivery } from './write-erasure.ts';

export interface Erased {
  deliveries: number;
  /** Of these, what could still have been run. */
  discarded: number;
  /** All of them discarded. */
  effects: number;
}

/** Longer than any slice may take: what waits for the row makes nobody wait but for its own short transaction. */
const LOCK_TIMEOUT_MS = 120_000;

const NEVER_OWNED = { nextOffset: 0n, epoch: 0n, incarnation: 1 };

/**
 * Erases what was found, in small transactions under the lock of each partition's row, each with its rows in the audit.
 * First what waits, then what is dead: nothing is run of what has no body. Effects are discarded. Stopped anywhere, it may be run again; what has
 * changed since it was found is left, and found again.
 */
export async function erase(
  database: Database,
  targets: readonly ErasureTarget[],
  by: Eraser,
  { batch, progress }: { batch: number; progress: (done: Erased) => void },
): Promise<Erased> {
  const done = { deliveries: 0, discarded: 0, effects: 0 };
  for (const { place, some } of batches(targets, batch)) {
    const erased = await eraseBatch(database, place, some, by);
    done.deliveries += erased.deliveries;
    done.discarded += erased.discarded;
    done.effects += erased.effects;
    progress(done);
  }
  return done;
}

function eraseBatch(database: Database, place: PartitionPlace, some: readonly ErasureTarget[], by: Eraser) {
  return transaction(database, { lockTimeoutMs: LOCK_TIMEOUT_MS }, async (tx) => {
    const { epoch } = (await lockPartition(tx, place)) ?? NEVER_OWNED;
    const waited = [
      ...(await discardWaiting(
        tx,
        place,
        some.filter((one): one is LaneTarget => one.where === 'lane'),
      )),
      ...(await discardHeld(
        tx,
        place,
        some.filter((one): one is HeldTarget => one.where === 'held'),
      )),
    ];
    const dead = await eraseDead(
      tx,
      place,
      some.filter((one): one is DeadTarget => one.where === 'dead'),
    );
    const effects = await discardErasedEffects(
      tx,
      place,
      some.filter((one): one is EffectTarget => one.where === 'effect'),
    );
    const discarded = [...waited, ...dead.discarded];
    const erased = [...waited, ...dead.erased];
    await writeErasure(tx, place, epoch, 'discarded', [...discarded, ...effects], by);
    await writeErasure(tx, place, epoch, 'erased', erased, by);
    return commit({ deliveries: erased.length, discarded: discarded.length, effects: effects.length });
  });
}

const ORDER = { effect: 0, lane: 0, held: 1, dead: 2 };

function* batches(targets: readonly ErasureTarget[], size: number) {
  const ordered = targets.toSorted((one, other) => ORDER[one.where] - ORDER[other.where]);
  const byPlace = Map.groupBy(ordered, ({ consumerGroup, topic, partition }) =>
    JSON.stringify([consumerGroup, topic, partition]),
  );
  for (const of of byPlace.values()) {
    const [{ consumerGroup, topic, partition }] = of as [ErasureTarget];
    const place = { consumerGroup, topic, partition };
    for (let i = 0; i < of.length; i += size) yield { place, some: of.slice(i, i + size) };
  }
}

/** Says in the audit that a key was erased, also where nothing of it was left that had a body. */
export function noteErasedKey(
  database: Database,
  place: PartitionPlace,
  orderingKey: string,
  by: Eraser,
): Promise<void> {
  return transaction(database, { lockTimeoutMs: LOCK_TIMEOUT_MS }, async (tx) => {
    const { epoch, nextOffset, incarnation } = (await lockPartition(tx, place)) ?? NEVER_OWNED;
    const nothing = { source: null, dedup_scope: null, guid: null, digest: null, event: null, received_at: null };
    const key: ErasedDelivery = {
      ...nothing,
      incarnation,
      kafka_offset: String(nextOffset),
      ordering_key: orderingKey,
    };
    await writeErasure(tx, place, epoch, 'erased', [key], by);
    return commit(undefined);
  });
}
