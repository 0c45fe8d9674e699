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
  effectId: string | null;
}

/** What the row of a command keeps of its record, beside who and why. Pure; {@link readTarget} gives it back. */
export function storedTarget(control: Control): StoredTarget {
  const { orderingKey, state, incarnation, offset, generation, handlers, digest, dedupScope, event } = control;
  const { effectId } = control;
  const hex = digest && Buffer.from(digest).toString('hex');
  return { orderingKey, state, incarnation, offset, generation, handlers, digest: hex, dedupScope, event, effectId };
}

const NOTHING = { orderingKey: null, state: '', incarnation: null, offset: null, generation: null, handlers: [] };
const NO_PAYLOAD = { digest: null, dedupScope: null, event: null, effectId: null };

/** The part of a control record that a row of a command holds as its target; what the row lacks is null. Pure. */
export function readTarget(stored: Partial<StoredTarget>): Omit<Control, keyof Decision> {
  const { digest, ...target } = { ...NOTHING, ...NO_PAYLOAD, ...stored };
  return { ...target, digest: digest === null ? null : Buffer.from(digest, 'hex') };
}

type Decision = Pick<Control, 'commandId' | 'command' | 'actor' | 'why' | 'issuedAt'>;
