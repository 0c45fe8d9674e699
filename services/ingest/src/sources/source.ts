import type { LabelledSecret } from '@hookline/github';

/** A place where webhooks come in: one path, whose deliveries one set of secrets verifies. */
export interface Source {
  /** Unique; it stands in records, metrics and logs. */
  name: string;
  /** Unique path of the URL that is set on GitHub. */
  path: string;
  /** The GitHub host, within which ids are unique: `github.com`, or that of a GitHub Enterprise Server. */
  namespace: string;
  /** Scope within which GUID and digest identify a delivery; two hooks that report the same repositories may share one. */
  dedupScope: string;
  /** At least one; the first is tried first. */
  secrets: LabelledSecret[];
  /** The events that are taken, or null for all. */
  events: ReadonlySet<string> | null;
}
