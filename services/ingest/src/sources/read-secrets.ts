import type { LabelledSecret } from '@hookline/github';
import { isRecord, readSecret, readText, type Problems, type SecretOrigins } from '@hookline/runtime';

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
    return { label, secret: secretOf(entry, here, origins) };
  });
}

function secretOf(entry: Record<string, unknown>, problems: Problems, origins: SecretOrigins): string {
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
  const found =
    origin === 'secret'
      ? { success: true as const, secret: given }
      : readSecret(origin === 'secretFile' ? { file: given } : { env: given }, origins);
  if (!found.success) problems.add(`.${origin}`, found.reason);
  // With an empty secret everybody could sign.
  else if (found.secret.trim() === '') problems.add(`.${origin}`, 'is empty, and would let everybody in');
  else return found.secret;
  return '';
}
