import type { AuditEntry, Claim, Fence, LaneDelivery } from '@hookline/database';
import { matches, type Handler } from '@hookline/handlers';

/** The place of a lane's run among the starts. */
export const startOf = (orderingKey: string) => ({ stage: 'lane' as const, orderingKey });

/** Where a waiting delivery is claimed: at its own place in the log. */
export function claimOf({ topic, partition }: Fence, { delivery, offset, incarnation }: LaneDelivery): Claim {
  const { dedupScope, guid, digest, event } = delivery;
  return { dedupScope, guid, digest, event, topic, partition, incarnation, offset };
}

/** What the audit says of a waiting delivery, but for what became of it. */
export function auditOf(
  fence: Fence,
  record: LaneDelivery,
): Omit<AuditEntry, 'stage' | 'decision'> & { stage: 'lane' } {
  const { source, action, repositoryId, receivedAt } = record.delivery;
  return {
    ...claimOf(fence, record),
    stage: 'lane',
    epoch: fence.epoch,
    orderingKey: record.orderingKey,
    source,
    action,
    repositoryId,
    receivedAt,
  };
}

/** The handlers that ask for a delivery, in the order in which they run; of a dead one, those that are dead. */
export function askedHandlers(handlers: readonly Handler[], { delivery, dead }: LaneDelivery): Handler[] {
  const asked = handlers.filter(
    ({ name, on }) => matches(on, delivery.event, delivery.action) && (dead === null || dead.handlers.includes(name)),
  );
  return [...asked.filter(({ kind }) => kind === 'delivery'), ...asked.filter(({ kind }) => kind === 'slice')];
}
