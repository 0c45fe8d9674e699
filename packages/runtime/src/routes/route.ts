import type { SecretPlace } from '../documents/secret-place.ts';

/** Where deliveries are forwarded to without code: a queue of its own, and one request at a time for each repository. */
export interface Route {
  /** Unique; deliveries that were forwarded are known under it. */
  name: string;
  /** `*`, events (`issues`), or events with an action (`issues.opened`). */
  on: string[];
  /** Of http or https. */
  forward: string;
  /** Where the secret is that requests are signed with; null: they are not signed. */
  secret: SecretPlace | null;
  /** Milliseconds that one try may take; null: as the relay is configured. */
  timeoutMs: number | null;
  /** Tries that may fail before a delivery is dead-lettered; null: as the relay is configured. */
  maxAttempts: number | null;
  /** What an answer of 4xx means that is no limit. */
  on4xx: 'dead-letter' | 'retry';
  /** Names of the sources whose deliveries are forwarded; null: of all. */
  sources: ReadonlySet<string> | null;
}
