import { JOB_EVENT, namespaceOf, type GithubIssue, type GithubTarget } from '@hookline/contracts';
import type { HandledDelivery } from '../handler.ts';
import type { GithubPlace, OfIssue } from './effects.ts';

interface PayloadFacts {
  repository?: { name?: unknown; owner?: { login?: unknown; name?: unknown } | null } | null;
  installation?: { id?: unknown } | null;
  cause?: { source?: unknown };
}

/** What a delivery is to effects at GitHub. */
export type EffectDelivery = Pick<HandledDelivery, 'orderingKey' | 'source' | 'event' | 'payload'>;

const factsOf = (delivery: EffectDelivery): PayloadFacts => delivery.payload ?? {};

/** Under whose credentials; throws TypeError, saying what to do. */
export function githubTarget(delivery: EffectDelivery, { installationId: asked }: GithubPlace): GithubTarget {
  const { installation, cause } = factsOf(delivery);
  // A job's own source has no App: it comes under that of the delivery that asked for it.
  const source = delivery.event === JOB_EVENT && typeof cause?.source === 'string' ? cause.source : delivery.source;
  return {
    namespace: namespaceOf(delivery.orderingKey),
    source,
    installationId: digitsOf(asked ?? installation?.id),
  };
}

function digitsOf(id: unknown): string | null {
  if (id === undefined || id === null) return null;
  if (typeof id === 'string' && /^[0-9]{1,20}$/.test(id)) return id;
  if (typeof id === 'number' && Number.isSafeInteger(id) && id > 0) return String(id);
  throw new TypeError(`${JSON.stringify(id)} is no id of an installation`);
}

/** Owner and name of the repository; throws TypeError where neither the request nor the payload says. */
export function repositoryOf(
  delivery: EffectDelivery,
  { owner: askedOwner, repo: askedRepo }: { owner?: unknown; repo?: unknown },
): { owner: string; repo: string } {
  const { repository } = factsOf(delivery);
  // The owner in a push has been a `name` and no `login`.
  const owner = askedOwner ?? repository?.owner?.login ?? repository?.owner?.name;
  const repo = askedRepo ?? repository?.name;
  if (isName(owner) && isName(repo)) return { owner, repo };
  throw new TypeError(`the payload of ${delivery.event} names no repository: give it \`owner\` and \`repo\``);
}

const isName = (name: unknown): name is string => typeof name === 'string' && /^[\w.-]{1,100}$/.test(name);

/** The issue or pull request; throws TypeError where it has no number. */
export function githubIssue(delivery: EffectDelivery, asked: GithubPlace & OfIssue): GithubIssue {
  const issueNumber: unknown = asked.issueNumber ?? (asked.issue as { number?: unknown } | undefined)?.number;
  if (!Number.isSafeInteger(issueNumber) || (issueNumber as number) < 1) {
    throw new TypeError('it has no number of an issue: give it `issue` of the payload, or `issueNumber`');
  }
  return {
    ...githubTarget(delivery, asked),
    ...repositoryOf(delivery, asked),
    issueNumber: issueNumber as number,
  };
}
