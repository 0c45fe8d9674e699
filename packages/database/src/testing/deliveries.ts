import { createHash, randomUUID } from 'node:crypto';
import type { Claim } from '../claim-identities.ts';
import type { LoggedDelivery } from '../logged-delivery.ts';
import type { AuditEntry } from '../write-audit.ts';

export function sha256(text: string | Buffer): Buffer {
  return createHash('sha256').update(text).digest();
}

/** A claim like no other, but for what is given. */
export function claim(given: Partial<Claim> = {}): Claim {
  const guid = randomUUID();
  return {
    dedupScope: 'main',
    guid,
    digest: sha256(guid),
    event: 'issues',
    topic: 'github.deliveries',
    partition: 1,
    incarnation: 1,
    offset: 0n,
    ...given,
  };
}

/** An entry about a record of the log. */
export function auditEntry(given: Partial<AuditEntry & { stage: 'log' }> = {}): AuditEntry {
  return {
    ...claim(),
    stage: 'log',
    decision: 'processed',
    epoch: 1n,
    orderingKey: 'github.com/repository/1',
    source: 'main',
    action: 'opened',
    receivedAt: Date.UTC(2026, 0, 1),
    ...given,
  };
}

/** A delivery of a key like no other, but for what is given. */
export function logged(
  orderingKey: string,
  given: Partial<Omit<LoggedDelivery, 'delivery'>> = {},
  delivery: Partial<LoggedDelivery['delivery']> = {},
): LoggedDelivery {
  const guid = randomUUID();
  const body = Buffer.from(JSON.stringify({ guid, action: 'opened' }));
  return {
    partition: 1,
    offset: 0n,
    time: Date.UTC(2026, 0, 1, 0, 0, 1),
    orderingKey,
    delivery: {
      source: 'main',
      dedupScope: 'main',
      guid,
      digest: sha256(delivery.body ?? body),
      event: 'issues',
      action: 'opened',
      repositoryId: '1',
      hookId: '2',
      receivedAt: Date.UTC(2026, 0, 1),
      headers: { 'x-github-event': 'issues' },
      secretLabel: 'current',
      eventProblem: null,
      body,
      ...delivery,
    },
    ...given,
  };
}
