import type { Problems } from './problems.ts';

/** Where a secret is. */
export type SecretPlace = { file: string } | { env: string };

/** How the places of secrets are looked up. */
export interface SecretOrigins {
  /** Throws if there is no such file. */
  readFile(path: string): string;
  environment: Readonly<Record<string, string | undefined>>;
}

const FIELDS = { secretFile: 'file', secretEnv: 'env' } as const;

/** The names of the fields that say where a secret is; an entry has at most one of them. */
export const SECRET_FIELDS = ['secretFile', 'secretEnv'] as const;

/** Where an entry has its secret, or null. */
export function readSecretPlace(entry: Record<string, unknown>, problems: Problems): SecretPlace | null {
  const [field, another] = SECRET_FIELDS.filter((name) => entry[name] !== undefined);
  if (field === undefined) return null;
  const value = entry[field];
  if (another !== undefined) problems.add('', `has both ${SECRET_FIELDS.join(' and ')}`);
  else if (typeof value !== 'string' || value === '') problems.add(`.${field}`, 'is not a text');
  else return { [FIELDS[field]]: value } as SecretPlace;
  return null;
}

/** The secret of a place, which may be empty, or why there is none: a phrase that follows the name of the field. */
export function readSecret(
  place: SecretPlace,
  origins: SecretOrigins,
): { success: true; secret: string } | { success: false; reason: string } {
  if ('env' in place) {
    const secret = origins.environment[place.env];
    return secret === undefined
      ? { success: false, reason: `names the variable ${place.env}, which is not set` }
      : { success: true, secret };
  }
  try {
    // The one line break that editors leave at a file's end is not part of the secret.
    return { success: true, secret: origins.readFile(place.file).replace(/\r?\n$/, '') };
  } catch (error) {
    return { success: false, reason: `names a file that cannot be read (${(error as Error).message})` };
  }
}
