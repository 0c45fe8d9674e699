import { createRequire } from 'node:module';

/** A payload as GitHub's documentation shows it, in the compact JSON that GitHub sends. */
export interface Example {
  /** Event and action; the second of a kind has `.2` behind it. */
  name: string;
  event: string;
  json: string;
}

interface Definition {
  name: string;
  examples: { action?: unknown }[];
}

/**
 * Every payload of `@octokit/webhooks-examples`, in its order; null where that is not installed: a clone has it, what is
 * deployed need not.
 */
export function loadExamples(): Example[] | null {
  const definitions = load();
  if (!definitions) return null;
  const seen = new Map<string, number>();
  return definitions.flatMap(({ name: event, examples }) =>
    examples.map((payload) => {
      const kind = typeof payload.action === 'string' ? `${event}.${payload.action}` : event;
      const count = (seen.get(kind) ?? 0) + 1;
      seen.set(kind, count);
      return { name: count === 1 ? kind : `${kind}.${count}`, event, json: JSON.stringify(payload) };
    }),
  );
}

function load(): Definition[] | null {
  try {
    return createRequire(import.meta.url)('@octokit/webhooks-examples') as Definition[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}
