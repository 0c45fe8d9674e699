/**
 * Whose events are kept in order with one another, of what names a repository.
 *
 * - `repository`: those of the repository
 * - `owner`: those of all repositories of the account that the repository belongs to
 */
export const KEY_RULES = ['repository', 'owner'] as const;

/** Part of a topic's shape, like the number of its partitions: it never changes, and is recorded with them. */
export type KeyRule = (typeof KEY_RULES)[number];

/** The rule of a topic that nobody has said another one of. */
export const DEFAULT_KEY_RULE: KeyRule = 'repository';

/** The ids found in a payload that can give it an ordering key: decimal digits, or null where there is none. */
export interface KeyFacts {
  repositoryId: string | null;
  /** The account that the repository belongs to: a user or an organization. */
  ownerId: string | null;
  installationId: string | null;
  organizationId: string | null;
  enterpriseId: string | null;
  senderId: string | null;
}

/** What one level of the key rule is called inside a key. */
export type KeyKind = 'owner' | 'repository' | 'installation' | 'organization' | 'enterprise' | 'sender' | 'scope';

/** Whose events are kept in order with one another. */
export interface OrderingKey {
  kind: KeyKind;
  /** `<namespace>/<kind>/<id>`; the namespace is the GitHub host, since ids are unique only within one. */
  key: string;
}

/**
 * The key under which a delivery is ordered: its repository, or by the rule `owner` that of which it is; without one the
 * first of installation, organization, enterprise and sender; the dedup scope when the payload names nobody at all
 * (security_advisory). Ids, never names: repositories are renamed and transferred, and their order must survive that.
 *
 * By either rule it is a function of the payload, the namespace and the dedup scope: the same body has the same key.
 */
export function orderingKey(
  facts: KeyFacts,
  origin: { namespace: string; dedupScope: string },
  rule: KeyRule,
): OrderingKey {
  const levels: [KeyKind, string | null][] = [
    ['owner', rule === 'owner' && facts.repositoryId !== null ? facts.ownerId : null],
    ['repository', facts.repositoryId],
    ['installation', facts.installationId],
    ['organization', facts.organizationId],
    ['enterprise', facts.enterpriseId],
    ['sender', facts.senderId],
  ];
  const [kind, id] = levels.find(([, found]) => found !== null) ?? ['scope', origin.dedupScope];
  return { kind, key: `${origin.namespace}/${kind}/${id}` };
}

/** The namespace in an ordering key: a host, and so without a slash. */
export function namespaceOf(orderingKey: string): string {
  return orderingKey.slice(0, Math.max(0, orderingKey.indexOf('/')));
}

/**
 * Whether a key of one rule may be cut up, or become part of another, by the next rule. Those of an installation and of
 * whoever else is named without a repository are the same by every rule. Pure.
 */
export function isRuled(orderingKey: string): boolean {
  return ['owner', 'repository'].includes(
    orderingKey.slice(namespaceOf(orderingKey).length + 1).split('/', 1)[0] ?? '',
  );
}
