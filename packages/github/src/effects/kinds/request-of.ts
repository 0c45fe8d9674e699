import type { GithubTarget } from '@hookline/contracts';

/** How the fields of a request are read: a problem says which is wrong. */
export type Reading<T> = { success: true; value: T } | { success: false; problem: string };

/** What a field has to be. */
export type FieldShape = 'text' | 'digits?' | 'number' | 'object' | 'boolean?';

const fits: Record<FieldShape, (value: unknown) => boolean> = {
  text: (value) => typeof value === 'string' && value !== '',
  'digits?': (value) => value === null || (typeof value === 'string' && /^\d{1,20}$/.test(value)),
  number: (value) => Number.isSafeInteger(value) && (value as number) > 0,
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'boolean?': (value) => value === undefined || typeof value === 'boolean',
};

export const TARGET: Record<keyof GithubTarget, FieldShape> = {
  namespace: 'text',
  source: 'text',
  installationId: 'digits?',
};

/** A request as the database has it, if its fields are what they have to be. */
export function requestOf<T>(request: unknown, shape: Record<keyof T & string, FieldShape>): Reading<T> {
  if (!fits.object(request)) return { success: false, problem: 'The request is not an object.' };
  for (const [name, wanted] of Object.entries<FieldShape>(shape)) {
    const value = (request as Record<string, unknown>)[name];
    if (!fits[wanted](value))
      return { success: false, problem: `The request's ${name} is not of the kind "${wanted}".` };
  }
  return { success: true, value: request as T };
}
