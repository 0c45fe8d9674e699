import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import { ANY_ACTION, GITHUB_EVENTS } from './github-events.ts';

interface Schema {
  $ref?: string;
  oneOf?: Schema[];
  properties?: { action?: { enum?: string[] } };
}

interface Description {
  webhooks: Record<
    string,
    { post: { operationId: string; requestBody: { content: { 'application/json': { schema: Schema } } } } }
  >;
  components: { schemas: Record<string, Schema> };
}

// By require: the package is JSON files, whose types do not fit their import.
const load = createRequire(import.meta.url);
const PRODUCTS = ['api.github.com', 'ghec', ...[14, 15, 16, 17, 18, 19].map((minor) => `ghes-3.${minor}`)];

/** Events and their actions, as GitHub describes them. */
function described(): Map<string, Set<string>> {
  const events = new Map<string, Set<string>>();
  for (const product of PRODUCTS) {
    const { webhooks, components } = load(`@octokit/openapi-webhooks/generated/${product}.json`) as Description;
    const resolve = (schema: Schema): Schema =>
      schema.$ref === undefined ? schema : resolve(components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {});
    for (const { post } of Object.values(webhooks)) {
      const event = (post.operationId.split('/')[0] ?? '').replaceAll('-', '_');
      const schema = resolve(post.requestBody.content['application/json'].schema);
      const actions = [schema, ...(schema.oneOf ?? []).map(resolve)].flatMap((s) => s.properties?.action?.enum ?? []);
      events.set(event, new Set([...(events.get(event) ?? []), ...actions]));
    }
  }
  return events;
}

// A handler that asks for an event that is not in the table is refused at the start: one too few locks a user out.
describe('the table of events', () => {
  it('has each event and action that GitHub describes, and no other', () => {
    const expected = [...described()].map(([event, actions]) => [event, [...actions].toSorted()]);
    expect(expected.length).toBeGreaterThan(75);
    const table = Object.entries<readonly string[]>(GITHUB_EVENTS);
    const sorted = table.map(([event, actions]) => [event, actions.toSorted()]);
    expect(Object.fromEntries(sorted)).toEqual(Object.fromEntries(expected));
  });

  it('has each event of the collected examples, and their actions but those that senders choose', () => {
    const examples = load('@octokit/webhooks-examples') as { name: string; examples: { action?: string }[] }[];
    const open: readonly string[] = ANY_ACTION;
    const unknown = examples.flatMap(({ name, examples: payloads }) => {
      const actions: readonly string[] | undefined = (GITHUB_EVENTS as Record<string, readonly string[]>)[name];
      if (!actions) return [name];
      return payloads
        .filter(({ action }) => action !== undefined && !actions.includes(action) && !open.includes(name))
        .map(({ action }) => `${name}.${action}`);
    });
    expect(unknown).toEqual([]);
  });
});
