import type { Control } from '@hookline/contracts';

/** What a command is about, as its row has it: the record's own fields, with the digest in hex. */
export interface StoredTarget {
  orderingKey: string | null;
  state: string;
  incarnation: number | null;
  offset: string | null;
  generation: number | null;
  handlers: string[];
  digest: string | null;
  dedupScope: string | null;
  event: string | null;
}

/** What the row of a command keeps of its record, beside who and why. Pure; {@link readTarget} gives it back. */
export function storedTarget(control: Control): StoredTarget {
  const { orderingKey, state, incarnation, offset, generation, handlers, digest, dedupScope, event } = control;
  const hex = digest && Buffer.from(digest).toString('hex');
  return { orderingKey, state, incarnation, offset, generation, handlers, digest: hex, dedupScope, event };
}

/** The part of a control record that a row of a command holds as its target. Pure. */
export function readTarget({ digest, ...target }: StoredTarget): Omit<Control, keyof Decision> {
  return { ...target, digest: digest === null ? null : Buffer.from(digest, 'hex') };
}

type Decision = Pick<Control, 'commandId' | 'command' | 'actor' | 'why' | 'issuedAt'>;
