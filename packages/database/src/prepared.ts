import { createHash } from 'node:crypto';

/** Of each statement that is to be prepared, its name in every session. */
const names = new Map<string, string>();

/**
 * A statement that each connection parses and plans once, and not each time: for what is sent for every slice, where
 * planning can take longer than running. Its plan must be right for any values.
 *
 * It is named by its text: the same name never means another statement, whatever version of us shares a pooler's
 * connections.
 */
export function prepared(text: string): string {
  names.set(text, `hookline_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`);
  return text;
}

/** Undefined: it is not to be prepared. */
export function nameOf(text: string): string | undefined {
  return names.get(text);
}

/**
 * Whether a session does not have the statements that it was given, or others' besides: 26000, 42P05. Somebody has sent
 * `deallocate all`, or there is a pooler between us that passes on the process of its own connection.
 */
export function isWithoutPrepared(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return code === '26000' || code === '42P05';
}
