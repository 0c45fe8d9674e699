import { createHash, randomUUID } from 'node:crypto';
import type { Delivery } from '@hookline/contracts';

/** A delivery with a body of its own, as ingest would have written it; `changes` win. */
export function aDelivery(changes: Partial<Delivery> & { repository?: number; payload?: object } = {}): Delivery {
  const { repository = 1, payload, ...fields } = changes;
  const body = Buffer.from(
    JSON.stringify({ action: 'opened', repository: { id: repository }, nonce: randomUUID(), ...payload }),
  );
  return {
    source: 'test',
    dedupScope: 'test',
    guid: randomUUID(),
    digest: createHash('sha256')
      .update(fields.body ?? body)
      .digest(),
    event: 'issues',
    action: 'opened',
    repositoryId: String(repository),
    hookId: '1',
    receivedAt: Date.now(),
    headers: { 'content-type': 'application/json' },
    secretLabel: 'test',
    eventProblem: null,
    body,
    ...fields,
  };
}
