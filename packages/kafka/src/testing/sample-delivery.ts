import { createHash } from 'node:crypto';
import type { Delivery } from '@hookline/contracts';

/** A delivery with every field filled, in which a test replaces what it is about. */
export function sampleDelivery(changes: Partial<Delivery> = {}): Delivery {
  const body = Buffer.from('{"action":"opened","repository":{"id":1}}');
  return {
    source: 'demo',
    dedupScope: 'demo',
    guid: '72d3162e-cc78-11e3-81ab-4c9367dc0958',
    digest: createHash('sha256').update(body).digest(),
    event: 'issues',
    action: 'opened',
    repositoryId: '90071992547409931',
    hookId: '42',
    receivedAt: 1_795_386_698_613,
    headers: { 'content-type': 'application/json', 'x-github-event': 'issues' },
    secretLabel: 'current',
    eventProblem: null,
    body,
    ...changes,
  };
}
