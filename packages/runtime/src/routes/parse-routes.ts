import { readText, type Problems } from '../documents/problems.ts';
import { readList } from '../documents/read-list.ts';
import { readSecretPlace, SECRET_FIELDS } from '../documents/secret-place.ts';
import type { Route } from './route.ts';

export type RoutesResult = { success: true; routes: Route[] } | { success: false; problems: string[] };

const NAME = {
  pattern: /^[a-z0-9][a-z0-9._-]{0,62}$/,
  wanted: 'lower-case letters, digits, ".", "_" and "-", at most 63',
};
const ON4XX = { pattern: /^(dead-letter|retry)$/, wanted: 'dead-letter or retry' };
const PATTERN = /^(\*|[a-z0-9_]{1,64}(\.[A-Za-z0-9_.-]{1,100})?)$/;
const FIELDS = ['name', 'on', 'forward', ...SECRET_FIELDS, 'timeoutMs', 'maxAttempts', 'on4xx', 'sources'];

/** A longer timer would fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

/** Reads the list of routes from JSON: `[{"name": "ci", "on": ["push"], "forward": "https://ci.example/hook"}]`. */
export function parseRoutes(text: string): RoutesResult {
  const result = readList(text, { what: 'routes' }, readRoute, sameNames);
  return result.success ? { success: true, routes: result.entries } : result;
}

function readRoute(fields: Record<string, unknown>, problems: Problems): Route {
  problems.unknownFields(fields, FIELDS);
  return {
    name: readText(fields, 'name', NAME, problems),
    on:
      readTexts(
        fields,
        'on',
        { test: (text) => PATTERN.test(text), wanted: '*, an event, or event.action' },
        problems,
      ) ?? [],
    forward: readUrl(fields, problems),
    secret: readSecretPlace(fields, problems),
    timeoutMs: readWhole(fields, 'timeoutMs', MAX_TIMER_MS, problems),
    maxAttempts: readWhole(fields, 'maxAttempts', Number.MAX_SAFE_INTEGER, problems),
    on4xx: readText(fields, 'on4xx', ON4XX, problems, 'dead-letter') === 'retry' ? 'retry' : 'dead-letter',
    sources: readSources(fields, problems),
  };
}

/** What may be in it beside the host is not quoted: tokens stand in URLs of hooks. */
function readUrl(fields: Record<string, unknown>, problems: Problems): string {
  const { forward } = fields;
  if (forward === undefined) problems.add('.forward', 'is missing');
  else if (typeof forward !== 'string' || !URL.canParse(forward)) problems.add('.forward', 'is not a URL');
  else {
    const { protocol, username, password, hash } = new URL(forward);
    if (protocol !== 'http:' && protocol !== 'https:') problems.add('.forward', 'is not a URL of http or https');
    else if (username !== '' || password !== '')
      problems.add('.forward', 'has a user name or password, which are not sent');
    else if (hash !== '') problems.add('.forward', 'has a fragment, which is not sent');
    else return forward;
  }
  return '';
}

function readSources(fields: Record<string, unknown>, problems: Problems): ReadonlySet<string> | null {
  if (fields['sources'] === undefined) return null;
  const { pattern, wanted } = NAME;
  const shape = { test: (text: string) => pattern.test(text), wanted: `the name of a source: ${wanted}` };
  return new Set(readTexts(fields, 'sources', shape, problems));
}

function readTexts(
  fields: Record<string, unknown>,
  name: string,
  shape: { test: (text: string) => boolean; wanted: string },
  problems: Problems,
): string[] | null {
  const list = fields[name];
  if (list === undefined) problems.add(`.${name}`, 'is missing');
  else if (!Array.isArray(list) || list.length === 0) problems.add(`.${name}`, 'is not a list with at least one entry');
  else {
    for (const [i, text] of list.entries()) {
      if (typeof text !== 'string' || !shape.test(text)) problems.add(`.${name}[${i}]`, `is not ${shape.wanted}`);
    }
    return list as string[];
  }
  return null;
}

function readWhole(fields: Record<string, unknown>, name: string, max: number, problems: Problems): number | null {
  const value = fields[name];
  if (value === undefined) return null;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= max) return value;
  problems.add(`.${name}`, 'is not a whole number, at least 1');
  return null;
}

/** Deliveries that are forwarded go by the name of their route: two of one name would be one queue. */
function sameNames(routes: Route[]): string[] {
  const names = routes.map(({ name }) => name).filter((name) => name !== '');
  return [...new Set(names.filter((name, i) => names.indexOf(name) < i))].map(
    (name) => `Two routes have the name "${name}".`,
  );
}
