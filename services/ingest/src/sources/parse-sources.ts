import { JOB_SOURCE } from '@hookline/contracts';
import { readList, readText, type Problems, type SecretOrigins } from '@hookline/runtime';
import type { Source } from './source.ts';
import { readSecrets } from './read-secrets.ts';

export type SourcesResult = { success: true; sources: Source[] } | { success: false; problems: string[] };

/** Paths that this server serves itself. */
const RESERVED_PATHS = ['/api-docs', '/openapi.json'];

const RESERVED = `is ${JOB_SOURCE}, which is that of Hookline's own jobs`;

const NAME = {
  pattern: /^[a-z0-9][a-z0-9._-]{0,62}$/,
  wanted: 'lower-case letters, digits, ".", "_" and "-", at most 63',
};
const PATH = { pattern: /^(\/[A-Za-z0-9._~-]+)+$/, wanted: 'a path like /webhooks/main, without a slash at its end' };
const HOST = { pattern: /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:\d{1,5})?$/, wanted: 'a host name in lower case' };
const EVENT = /^[a-z0-9_]{1,64}$/;

const FIELDS = ['name', 'path', 'namespace', 'dedupScope', 'secrets', 'events'];

/**
 * Reads the list of sources from JSON: `[{"name": "main", "secrets": [{"label": "2025", "secret": "…"}]}]`. All
 * problems are named at once, by place; none of them quotes the text, which may hold secrets.
 */
export function parseSources(text: string, origins: SecretOrigins): SourcesResult {
  const result = readList(
    text,
    { what: 'sources', least: 1 },
    (fields, problems) => readSource(fields, problems, origins),
    clashes,
  );
  return result.success ? { success: true, sources: result.entries } : result;
}

function readSource(fields: Record<string, unknown>, problems: Problems, origins: SecretOrigins): Source {
  problems.unknownFields(fields, FIELDS);
  const name = readText(fields, 'name', NAME, problems);
  const path = readText(fields, 'path', PATH, problems, `/webhooks/${name}`);
  if (RESERVED_PATHS.includes(path)) problems.add('.path', `is ${path}, which this server serves itself`);
  const dedupScope = readText(fields, 'dedupScope', NAME, problems, name);
  if (name === JOB_SOURCE) problems.add('.name', RESERVED);
  else if (dedupScope === JOB_SOURCE) problems.add('.dedupScope', RESERVED);
  return {
    name,
    path,
    namespace: readText(fields, 'namespace', HOST, problems, 'github.com'),
    dedupScope,
    secrets: readSecrets(fields['secrets'], problems, origins),
    events: readEvents(fields['events'], problems),
  };
}

function readEvents(value: unknown, problems: Problems): ReadonlySet<string> | null {
  if (value === undefined) return null;
  if (!Array.isArray(value) || value.length === 0) {
    problems.add('.events', 'is not a list with at least one event; leave it out to take all events');
    return null;
  }
  for (const [i, event] of value.entries()) {
    if (typeof event !== 'string' || !EVENT.test(event)) problems.add(`.events[${i}]`, 'is not the name of an event');
  }
  return new Set(value as string[]);
}

/** What is wrong between sources. */
function clashes(sources: Source[]): string[] {
  const problems: string[] = [];
  const names = new Set<string>();
  const paths = new Map<string, string>();
  const namespaces = new Map<string, string>();
  for (const { name, path, namespace, dedupScope } of sources) {
    // An entry without a name has been told of already.
    if (name === '') continue;
    if (names.has(name)) problems.push(`Two sources have the name "${name}".`);
    names.add(name);
    const other = paths.get(path);
    if (other !== undefined) problems.push(`The sources "${other}" and "${name}" have the same path ${path}.`);
    paths.set(path, name);
    const first = namespaces.get(dedupScope) ?? namespace;
    // Ids of two hosts are unrelated: within one scope, two repositories would become one.
    if (first !== namespace) {
      problems.push(
        `The dedupScope "${dedupScope}" spans the namespaces ${first} and ${namespace}: give each its own.`,
      );
    }
    namespaces.set(dedupScope, first);
  }
  return problems;
}
