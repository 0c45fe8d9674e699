/** The ids found in a payload that can give it an ordering key: decimal digits, or null where there is none. */
export interface KeyFacts {
  repositoryId: string | null;
  installationId: string | null;
  organizationId: string | null;
  enterpriseId: string | null;
  senderId: string | null;
}

/** What one level of the key rule is called inside a key. */
export type KeyKind = 'repository' | 'installation' | 'organization' | 'enterprise' | 'sender' | 'scope';

/** Whose events are kept in order with one another. */
export interface OrderingKey {
  kind: KeyKind;
  /** `<namespace>/<kind>/<id>`; the namespace is the GitHub host, since ids are unique only within one. */
  key: string;
}

/**
 * The key under which a delivery is ordered: its repository, and without one the first of installation,
 * organization, enterprise and sender; the dedup scope when the payload names nobody at all (security_advisory).
 * Ids, never names: repositories are renamed and transferred, and their order must survive that.
 */
export function orderingKey(facts: KeyFacts, origin: { namespace: string; dedupScope: string }): OrderingKey {
  const levels: [KeyKind, string | null][] = [
    ['repository', facts.repositoryId],
    ['installation', facts.installationId],
    ['organization', facts.organizationId],
    ['enterprise', facts.enterpriseId],
    ['sender', facts.senderId],
  ];
  const [kind, id] = levels.find(([, found]) => found !== null) ?? ['scope', origin.dedupScope];
  return { kind, key: `${origin.namespace}/${kind}/${id}` };
}
