import { createHash, randomUUID } from 'node:crypto';
import type { Claim } from '../claim-identities.ts';
import type { AuditEntry } from '../write-audit.ts';

export function sha256(text: string): Buffer {
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
    offset: 0n,
    ...given,
  };
}

export function auditEntry(given: Partial<AuditEntry> = {}): AuditEntry {
  return {
    ...claim(),
    decision: 'processed',
    epoch: 1n,
    orderingKey: 'github.com/repository/1',
    source: 'main',
    action: 'opened',
    receivedAt: Date.UTC(2026, 0, 1),
    ...given,
  };
}
