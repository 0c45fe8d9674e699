import { createHash, randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import type { Delivery } from '@hookline/contracts';
import { sign } from '@hookline/github';

/** Secret of the one source, `main`. */
export const SECRET = 'a secret of the benches';
const EVENT = 'push';
/** Stands in the template where the repository's id and something unique go. */
const ID = 987_654_321_987;
const UNIQUE = 'unique-in-each-delivery';

/** A push as GitHub's documentation shows it: with 7 kB neither small nor large, as webhooks go. */
const template = (() => {
  const definitions = createRequire(import.meta.url)('@octokit/webhooks-examples') as {
    name: string;
    examples: { repository: object }[];
  }[];
  const [push] = definitions.find(({ name }) => name === EVENT)?.examples ?? [];
  if (!push) throw new Error(`@octokit/webhooks-examples has no example of ${EVENT}.`);
  const json = JSON.stringify({ ...push, after: UNIQUE, repository: { ...push.repository, id: ID } });
  return json.split(new RegExp(`(${ID}|${UNIQUE})`));
})();

export function keyOf(repository: number): string {
  return `github.com/repository/${repository}`;
}

/** So many deliveries, over the repositories 1 to `repositories` in turn. */
export function* repositoriesInTurn(count: number, repositories: number): Generator<number> {
  for (let i = 0; i < count; i += 1) yield 1 + (i % repositories);
}

/** A new payload; no two are alike. */
function newBody(repository: number, guid: string): Buffer {
  return Buffer.from(
    template.map((part) => (part === UNIQUE ? guid : part === String(ID) ? repository : part)).join(''),
  );
}

export interface Webhook {
  headers: Record<string, string | number>;
  body: Buffer;
}

/** A new delivery as GitHub would post it. */
export function newWebhook(repository: number): Webhook {
  const guid = randomUUID();
  const body = newBody(repository, guid);
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'content-length': body.length,
      'user-agent': 'GitHub-Hookshot/bench',
      'x-github-delivery': guid,
      'x-github-event': EVENT,
      'x-github-hook-id': '1',
      'x-hub-signature-256': sign(body, SECRET),
    },
  };
}

/** A new delivery as ingest would have written it to the log. */
export function newDelivery(repository: number): Delivery {
  const guid = randomUUID();
  const body = newBody(repository, guid);
  return {
    source: 'main',
    dedupScope: 'main',
    guid,
    digest: createHash('sha256').update(body).digest(),
    event: EVENT,
    action: null,
    repositoryId: String(repository),
    hookId: '1',
    receivedAt: Date.now(),
    headers: { 'content-type': 'application/json' },
    secretLabel: 'first',
    eventProblem: null,
    body,
  };
}
