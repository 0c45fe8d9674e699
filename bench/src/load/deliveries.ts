import { createHash, randomUUID } from 'node:crypto';
import type { Delivery } from '@hookline/contracts';
import { sign } from '@hookline/github';
import { payloadsOf, type MakePayload } from './payloads.ts';

/** Secret of the one source, `main`. */
export const SECRET = 'a secret of the benches';
const PUSHES = payloadsOf('push');

export function keyOf(repository: number): string {
  return `github.com/repository/${repository}`;
}

/** So many deliveries, over the repositories 1 to `repositories` in turn. */
export function* repositoriesInTurn(count: number, repositories: number): Generator<number> {
  for (let i = 0; i < count; i += 1) yield 1 + (i % repositories);
}

export interface Webhook {
  headers: Record<string, string | number>;
  body: Buffer;
}

/** A new delivery as GitHub would post it. */
export function newWebhook(repository: number, payloads: MakePayload = PUSHES): Webhook {
  const guid = randomUUID();
  const { event, body } = payloads(repository, guid);
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'content-length': body.length,
      'user-agent': 'GitHub-Hookshot/bench',
      'x-github-delivery': guid,
      'x-github-event': event,
      'x-github-hook-id': '1',
      'x-hub-signature-256': sign(body, SECRET),
    },
  };
}

/** A new delivery as ingest would have written it to the log. */
export function newDelivery(repository: number, payloads: MakePayload = PUSHES, guid: string = randomUUID()): Delivery {
  const { event, action, body } = payloads(repository, guid);
  return {
    source: 'main',
    dedupScope: 'main',
    guid,
    digest: createHash('sha256').update(body).digest(),
    event,
    action,
    repositoryId: String(repository),
    hookId: '1',
    receivedAt: Date.now(),
    headers: { 'content-type': 'application/json' },
    secretLabel: 'first',
    eventProblem: null,
    body,
  };
}
