import { createRequire } from 'node:module';

/** A payload as GitHub's documentation shows it, in the compact JSON that GitHub sends. */
export interface Example {
  event: string;
  json: string;
}

interface Definition {
  name: string;
  examples: object[];
}

/** Every payload of `@octokit/webhooks-examples`, in its order; one that is there twice once: it would be a replay. */
export function loadExamples(): Example[] {
  const definitions = createRequire(import.meta.url)('@octokit/webhooks-examples') as Definition[];
  const all = definitions.flatMap(({ name, examples }) =>
    examples.map((payload) => ({ event: name, json: JSON.stringify(payload) })),
  );
  return [...new Map(all.map((example) => [example.json, example])).values()];
}
