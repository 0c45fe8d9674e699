import { randomUUID } from 'node:crypto';
import { partitionOf } from '@hookline/contracts';
import {
  commit,
  hintRelays,
  makeRanges,
  takeOverPartition,
  transaction,
  writeOutbox,
  type EffectToWrite,
  type Fence,
} from '@hookline/database';
import { aDelivery } from '@hookline/test-support';
import { keyOf } from '../load/deliveries.ts';
import type { System } from '../system/open-system.ts';

/** The outbox as processors write it, each partition under its fence. */
export interface Outbox {
  /** Writes effects of `keys` repositories in turn, from the first on. */
  fill(count: number, keys: number): Promise<void>;
  /** Writes one and hints; resolves to when its COMMIT was answered, in milliseconds since the Unix epoch. */
  writeOne(key: number): Promise<number>;
}

/** What each effect asks for. */
export type Asked = Pick<EffectToWrite['requested'], 'kind' | 'request'>;

const AT_ONCE = 500;
const SINK: Asked = { kind: 'bench.sink', request: { text: 'x'.repeat(200) } };

export async function openOutbox({ database, topic, partitions }: System, asked: Asked = SINK): Promise<Outbox> {
  const fences: Fence[] = [];
  await makeRanges(database);
  for (let partition = 0; partition < partitions; partition++) {
    const taken = await takeOverPartition(database, { consumerGroup: topic, topic, partition }, 'bench', 0n);
    if (!taken.success) throw new Error(taken.reason);
    fences.push(taken.fence);
  }

  const write = (fence: Fence, effects: readonly EffectToWrite[]) =>
    transaction(database, {}, async (tx) => commit(await writeOutbox(tx, fence, effects)));

  return {
    async fill(count, keys) {
      const effects = Array.from({ length: count }, (_, n) => (n % keys) + 1).map((key) =>
        anEffect(key, partitionOf(keyOf(key), partitions), asked),
      );
      const byPartition = Map.groupBy(effects, ({ record }) => record.partition);
      for (const [partition, own] of byPartition) {
        const fence = fences[partition] as Fence;
        for (let n = 0; n < own.length; n += AT_ONCE) await write(fence, own.slice(n, n + AT_ONCE));
      }
    },
    async writeOne(key) {
      const partition = partitionOf(keyOf(key), partitions);
      await write(fences[partition] as Fence, [anEffect(key, partition, asked)]);
      const committedAt = performance.timeOrigin + performance.now();
      await hintRelays(database);
      return committedAt;
    },
  };
}

function anEffect(repository: number, partition: number, asked: Asked): EffectToWrite {
  return {
    handler: 'bench',
    requested: { ...asked, key: randomUUID(), queue: '', withBody: false },
    record: { partition, offset: 0n, orderingKey: keyOf(repository), delivery: aDelivery({ repository }) },
    incarnation: 1,
  };
}
