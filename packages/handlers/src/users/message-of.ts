import { inspect } from 'node:util';

/** What an error of whatever kind says, in one line, also where it shows source. */
export function messageOf(error: unknown): string {
  const message =
    error instanceof Error ? `${error.name}: ${error.message}` : typeof error === 'string' ? error : inspect(error);
  return message.replaceAll(/\s*\n\s*/g, ' ');
}
