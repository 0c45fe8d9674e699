import type { Handler } from '@hookline/handlers';

const OURS = Symbol('hookline: built in');

/** Marks a handler as built in: it writes our own tables, under our own role. Not for users' handlers. */
export function ourHandler<H extends Handler>(handler: H): H {
  return { ...handler, [OURS]: true };
}

export function isOurs(handler: Handler): boolean {
  return OURS in handler;
}
