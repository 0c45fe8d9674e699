import { shardKey, type Shard } from '@hookline/database';
import type { ShardQueue } from '../queue/shard-queue.ts';
import type { Moment } from './lease-time.ts';

/** A shard that this relay sends, or has sent and still ends attempts of. */
export interface HeldShard {
  shard: Shard;
  /** No attempt may last longer. */
  validUntil: Moment;
  queue: ShardQueue;
  /** Claimed effects whose end is not written. */
  inFlight: number;
  /** It is to be given back: nothing more of it is claimed. */
  isDraining: boolean;
  /** It was read to its end at the last look. */
  isRead: boolean;
  /** Aborted when it is another relay's. */
  lost: AbortController;
}

/** The shards of this relay, by shard and epoch. */
export interface HeldShards {
  add(shard: Shard, validUntil: Moment): HeldShard;
  get(shard: Shard): HeldShard | undefined;
  /** What is left of it may not go on: its attempts are aborted, and their ends are not written. */
  lose(held: HeldShard): void;
  /** It was given back, with nothing in flight. */
  remove(held: HeldShard): void;
  all(): HeldShard[];
  /** Of which effects may be claimed, in turns: each time another one is the first. */
  open(): HeldShard[];
  inFlight(): number;
}

export function createHeldShards(createQueue: () => ShardQueue): HeldShards {
  const byKey = new Map<string, HeldShard>();
  let turn = 0;
  return {
    add(shard, validUntil) {
      const held: HeldShard = {
        shard,
        validUntil,
        queue: createQueue(),
        inFlight: 0,
        isDraining: false,
        isRead: false,
        lost: new AbortController(),
      };
      byKey.set(shardKey(shard), held);
      return held;
    },
    get: (shard) => byKey.get(shardKey(shard)),
    lose(held) {
      byKey.delete(shardKey(held.shard));
      held.queue.close();
      held.lost.abort(new Error('Another relay has the shard, or may have it.'));
    },
    remove(held) {
      byKey.delete(shardKey(held.shard));
      held.queue.close();
    },
    all: () => [...byKey.values()],
    open() {
      const open = [...byKey.values()].filter(({ isDraining }) => !isDraining);
      turn = (turn + 1) % Math.max(1, open.length);
      return [...open.slice(turn), ...open.slice(0, turn)];
    },
    inFlight: () => [...byKey.values()].reduce((sum, { inFlight }) => sum + inFlight, 0),
  };
}
