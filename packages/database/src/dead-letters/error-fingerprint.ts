import { createHash } from 'node:crypto';
import { storableText } from '../storable-text.ts';

/** An error as it is kept. */
export interface ErrorFingerprint {
  /** 16 hex digits, equal for errors that look like one fault: what differs from delivery to delivery is left out. */
  fingerprint: string;
  message: string;
  stack: string | null;
}

const MAX_MESSAGE_BYTES = 4096;
const MAX_STACK_BYTES = 16_384;
const TOP_FRAMES = 3;

/** What to keep of anything that was thrown: name, message and the top of its stack. Pure; never throws. */
export function errorFingerprint(error: unknown): ErrorFingerprint {
  const { name, message, stack } = facts(error);
  const frames = (stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, TOP_FRAMES)
    .map((line) => line.trim().replace(/:\d+:\d+(\)?)$/, '$1'));
  const identity = [name, normalised(message), ...frames].join('\n');
  return {
    fingerprint: createHash('sha256').update(identity).digest('hex').slice(0, 16),
    message: storableText(message, MAX_MESSAGE_BYTES),
    stack: stack === null ? null : storableText(stack, MAX_STACK_BYTES),
  };
}

/** Getters and proxies can throw, and what reports a failure must not fail. */
function facts(error: unknown): { name: string; message: string; stack: string | null } {
  try {
    if (typeof error === 'object' && error !== null && 'message' in error) {
      const name = 'name' in error ? String(error.name) : '';
      const stack = 'stack' in error && typeof error.stack === 'string' ? error.stack : null;
      return { name, message: String(error.message), stack };
    }
    return { name: typeof error, message: String(error), stack: null };
  } catch {
    return { name: 'unknown', message: 'Something was thrown that cannot be read.', stack: null };
  }
}

/** Bounded first: the patterns run over what a handler chose to say. */
function normalised(message: string): string {
  return message
    .slice(0, MAX_MESSAGE_BYTES)
    .replaceAll(/"[^"]*"|'[^']*'|`[^`]*`/g, '<text>')
    .replaceAll(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<uuid>')
    .replaceAll(/\b(?:0x[0-9a-f]+|(?=[a-f]*\d)[0-9a-f]{7,})\b/gi, '<hex>')
    .replaceAll(/\d+/g, '<n>');
}
