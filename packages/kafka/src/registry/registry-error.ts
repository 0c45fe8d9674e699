import { HooklineError } from '@hookline/runtime';

/**
 * - `UNAVAILABLE`: the registry did not answer, or not itself; nothing is known about what was asked
 * - `NOT_FOUND`: it answered that it does not have it
 * - `REFUSED`: it answered that it does not take it
 * - `NONSENSE`: it answered what a registry does not
 */
export type RegistryFailure = 'UNAVAILABLE' | 'NOT_FOUND' | 'REFUSED' | 'NONSENSE';

/** Statuses that time, or an operator, has to cure. */
const NOT_ABOUT_SCHEMAS = [401, 403, 407, 408, 429];

/**
 * The client's message where the answer holds no error of a registry: the page of a proxy in between, or no answer at
 * all (it reports a refused connection as status 400).
 */
const NOT_A_REGISTRY = /Error, status \d+/;

/** What an error of the registry client means. Its class and status do not tell: a 404 may have lost its status. */
export function failureOf(error: unknown): RegistryFailure {
  const { status, name, message } = error as { status?: unknown; name?: unknown; message: string };
  const code = name === 'ConfluentSchemaRegistryError' ? 404 : status;
  if (typeof code !== 'number') return 'NONSENSE';
  if (code >= 500 || NOT_ABOUT_SCHEMAS.includes(code) || NOT_A_REGISTRY.test(message)) return 'UNAVAILABLE';
  return code === 404 ? 'NOT_FOUND' : 'REFUSED';
}

export function registryUnavailable(url: string, cause: unknown): HooklineError {
  return new HooklineError(
    'REGISTRY_UNAVAILABLE',
    `The schema registry at ${url} cannot be used: ${(cause as Error).message}. ` +
      'Check that it runs and that HOOKLINE_REGISTRY_URL is its Confluent API.',
    { cause },
  );
}
