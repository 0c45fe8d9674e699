import type { LabelledSecret } from '@hookline/github';
import { isRecord, type Problems, readText } from './problems.ts';

/** Where secrets come from that are not written into the list itself. */
export interface SecretOrigins {
  /** Throws if there is no such file. */
  readFile(path: string): string;
  environment: Readonly<Record<string, string | undefined>>;
}

const LABEL = { pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, wanted: 'letters, digits, ".", "_" and "-", at most 63' };
const ORIGINS = ['secret', 'secretFile', 'secretEnv'] as const;

/** The secrets of one source, in their order; each has a label and one of `secret`, `secretFile` and `secretEnv`. */
export function readSecrets(value: unknown, problems: Problems, origins: SecretOrigins): LabelledSecret[] {
  if (!Array.isArray(value) || value.length === 0) {
    problems.add('.secrets', 'is not a list with at least one secret');
    return [];
  }
  const labels = new Set<string>();
  return value.map((entry: unknown, i) => {
    const here = problems.at(`.secrets[${i}]`);
    if (!isRecord(entry)) {
      here.add('', 'is not an object');
      return { label: '', secret: '' };
    }
    here.unknownFields(entry, ['label', ...ORIGINS]);
    const label = readText(entry, 'label', LABEL, here);
    if (labels.has(label)) here.add('.label', `is "${label}", as another of this source`);
    if (label !== '') labels.add(label);
    return { label, secret: readSecret(entry, here, origins) };
  });
}

function readSecret(entry: Record<string, unknown>, problems: Problems, origins: SecretOrigins): string {
  const [origin, another] = ORIGINS.filter((name) => entry[name] !== undefined);
  if (origin === undefined || another !== undefined) {
    problems.add('', `does not have exactly one of ${ORIGINS.join(', ')}`);
    return '';
  }
  const given = entry[origin];
  if (typeof given !== 'string') {
    problems.add(`.${origin}`, 'is not a text');
    return '';
  }
  const found = fromOrigin(origin, given, origins);
  if (!found.success) problems.add(`.${origin}`, found.problem);
  // With an empty secret everybody could sign.
  else if (found.secret.trim() === '') problems.add(`.${origin}`, 'is empty, and would let everybody in');
  else return found.secret;
  return '';
}

function fromOrigin(
  origin: (typeof ORIGINS)[number],
  given: string,
  origins: SecretOrigins,
): { success: true; secret: string } | { success: false; problem: string } {
  if (origin === 'secret') return { success: true, secret: given };
  if (origin === 'secretEnv') {
    const secret = origins.environment[given];
    return secret === undefined
      ? { success: false, problem: `names the variable ${given}, which is not set` }
      : { success: true, secret };
  }
  try {
    // The one line break that editors leave at a file's end is not part of the secret.
    return { success: true, secret: origins.readFile(given).replace(/\r?\n$/, '') };
  } catch (error) {
    return { success: false, problem: `names a file that cannot be read (${(error as Error).message})` };
  }
}
