/**
 * SQL: whether a row is of a key. That of a repository stands for the repository: its rows can have the key of its owner, by
 * the key rule of their topic.
 *
 * @param at number of the first of three parameters: see `keyValues`
 */
export function isOfKey(at: number): string {
  return `(ordering_key = $${at} or (repository_id = $${at + 1} and starts_with(ordering_key, $${at + 2})))`;
}

/** The key itself; where it is that of a repository, its id, and how every key of its namespace begins. */
export function keyValues(orderingKey: string): [string, string | null, string | null] {
  const [, namespace, id = null] = /^([^/]+\/)repository\/([0-9]+)$/.exec(orderingKey) ?? [];
  return [orderingKey, id, namespace ?? null];
}
