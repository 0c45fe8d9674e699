import { randomUUID } from 'node:crypto';
import { effectId, partitionOf } from '@hookline/contracts';
import type { Queryable } from '../database.ts';
import { errorFingerprint } from '../dead-letters/error-fingerprint.ts';
import { writeDeadLetters } from '../dead-letters/write-dead-letters.ts';
import type { Fence } from '../fence.ts';
import { appendToLanes } from '../lanes/append-to-lanes.ts';
import { openLanes } from '../lanes/open-lanes.ts';
import { writeOutbox } from '../outbox/write-outbox.ts';
import { storedBytes } from '../stored-body.ts';
import { effect } from './effects.ts';
import { logged, sha256 } from './deliveries.ts';
import { fenceOf, givePartition } from './partitions.ts';

export const OLD = { topic: 'log', generation: 1, partitions: 3 };
export const GROUP = 'hookline-processor';

/** An owner of a partition of the old topic. */
export const fence = (partition: number): Fence => fenceOf(4n, { topic: OLD.topic, partition });
export const key = (repository: number) => `github.com/repository/${repository}`;
export const oldPartition = (repository: number) => partitionOf(key(repository), OLD.partitions);

/** Nothing but an active generation of three partitions, each read up to offset 10. */
export async function beginOldGeneration(database: Queryable): Promise<void> {
  await database.query(`truncate hookline.topic_generations, hookline.partition_offsets, hookline.lanes,
    hookline.lane_deliveries, hookline.dead_letters, hookline.dead_deliveries, hookline.held_deliveries,
    hookline.former_logs, hookline.control_commands, hookline.partition_commands, hookline.record_starts,
    hookline.partition_halts, hookline.outbox, hookline.settled_effects, hookline.outbox_shards`);
  await database.query('insert into hookline.topic_generations values ($1, $2, $3, now(), $4)', [
    OLD.topic,
    OLD.generation,
    OLD.partitions,
    GROUP,
  ]);
  for (const partition of [0, 1, 2]) await givePartition(database, fence(partition), 10n);
}

/** Puts what waits of the old generation where a test begins. */
export function oldGenerationIn(database: Queryable) {
  return {
    async giveLane(repository: number, offsets: bigint[]): Promise<void> {
      const at = fence(oldPartition(repository));
      const tries = { attempts: 2, kills: 0, deferrals: 0, dueInMs: 0, error: 'no' };
      await openLanes(database, at, [{ orderingKey: key(repository), ...tries }]);
      await appendToLanes(
        database,
        at,
        offsets.map((offset) => {
          const record = logged(key(repository), { partition: at.partition, offset });
          return { ...record, stored: storedBytes(record.delivery.body) };
        }),
      );
    },

    async giveDead(partition: number, orderingKey: string | null, offset: bigint): Promise<void> {
      const one = orderingKey === null ? null : logged(orderingKey, { partition, offset });
      const handler = one ? 'welcome' : null;
      const reason = one ? 'handler-failed' : 'undecodable';
      await writeDeadLetters(database, fence(partition), [
        {
          place: { incarnation: 1, offset, time: 0 },
          delivery: one,
          raw: one ? null : { key: null, value: null },
          letters: [{ handler, reason, attempts: 3, ...errorFingerprint(new Error('no')) }],
        },
      ]);
    },

    /** Effects of a repository, in this order, each of a delivery of its own; resolves to their ids. */
    async giveEffects(repository: number, keys: string[]): Promise<string[]> {
      const at = fence(oldPartition(repository));
      const asked = keys.map((name, n) => {
        const record = logged(key(repository), { partition: at.partition, offset: BigInt(n) });
        return effect(name, { record, incarnation: 1 });
      });
      await writeOutbox(database, at, asked);
      return asked.map(({ handler, requested, record: { delivery } }) =>
        effectId({ ...delivery, handler, key: requested.key }),
      );
    },

    async giveHeld(repository: number, offset: bigint): Promise<void> {
      await database.query(
        `insert into hookline.held_deliveries
                (consumer_group, topic, kafka_partition, dedup_scope, digest, event, reason, known_guid, known_event,
                 incarnation, kafka_offset, appended_at, seen_incarnation, seen_offset, ordering_key, source, guid,
                 received_at, headers, secret_label, body, body_encoding, body_bytes)
         values ($1, $2, $3, 'main', $4, 'issues', 'suspected-replay', $5, 'issues', 1, $6, now(), 1, $6, $7, 'main', $5,
                 now(), '{}', 'first', 'x', 'identity', 1)`,
        [GROUP, OLD.topic, oldPartition(repository), sha256(String(repository)), randomUUID(), offset, key(repository)],
      );
    },
  };
}
