import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import type { AuditedDelivery } from '../write-audit.ts';

/** What is known of an effect that is not settled. */
export interface EffectState {
  state: 'waiting' | 'sending' | 'dead';
  /** Attempts that it has ever had: what a decision about it names. */
  totalAttempts: number;
  handler: string;
  /** The delivery that it is of. */
  about: AuditedDelivery & { orderingKey: string };
}

interface Row extends Record<string, unknown> {
  effect_id: string;
  state: EffectState['state'];
  total_attempts: number;
  handler: string;
  ordering_key: string;
  source: string;
  dedup_scope: string;
  guid: string;
  digest: Buffer;
  event: string;
  action: string | null;
}

/**
 * Those of these effects that are in the partition's outbox, by their ids. What is dead stays so while the fence is held;
 * everything else may be settled at any time. One round trip.
 */
export async function readDeadEffects(
  tx: Queryable,
  fence: Fence,
  ids: readonly string[],
): Promise<Map<string, EffectState>> {
  const { rows } = await tx.query<Row>(
    `select effect_id, state, total_attempts, handler, ordering_key, source, dedup_scope, guid, digest,
            event, action
       from hookline.outbox
      where effect_id = any ($4::uuid[]) and consumer_group = $1 and topic = $2 and kafka_partition = $3`,
    [fence.consumerGroup, fence.topic, fence.partition, ids],
  );
  return new Map(rows.map((row) => [row.effect_id, stateOf(row)]));
}

function stateOf({ state, total_attempts, handler, ordering_key, dedup_scope, ...delivery }: Row) {
  const { source, guid, digest, event, action } = delivery;
  const about = { orderingKey: ordering_key, source, dedupScope: dedup_scope, guid, digest, event, action };
  return { state, totalAttempts: total_attempts, handler, about: { ...about, receivedAt: null } };
}
