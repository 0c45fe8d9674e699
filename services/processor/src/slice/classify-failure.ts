import { isConflict, isPassing } from '@hookline/database';
import { RetryLater } from '@hookline/handlers';
import type { HandlerFailure } from './run-handlers.ts';

/** What a handler's failure says about the delivery that it failed for. */
export interface FailureClass {
  /**
   * - `fault`: the delivery's or the handler's own
   * - `conflict`: the database could not serve it beside others; at once again, it can
   * - `condition`: the database was not in a state to serve it
   * - `later`: the handler has asked for a later time
   */
  kind: 'fault' | 'conflict' | 'condition' | 'later';
  /** Whether it is an attempt that counts against the delivery. */
  counted: boolean;
  /** How many times it is run again at once, alone, before it waits in its lane. */
  again: number;
  /** How long the handler wants to wait at least, in milliseconds; null: it has not said. */
  afterMs: number | null;
}

/**
 * What a failure inside a handler was. Pure. Only what our own transaction has said can be the database's condition:
 * an error that looks like one and came from anywhere else is the handler's.
 *
 * A condition is tried again once, since a connection that broke says nothing about who was using it; what breaks it
 * twice may be the delivery, and must not hold up its partition.
 */
export function classifyFailure({ error, said }: Pick<HandlerFailure, 'error' | 'said'>): FailureClass {
  try {
    return classify(error, said);
  } catch {
    // A handler can throw what throws when it is looked at. That is its fault, and not this partition's end.
    return FAULT;
  }
}

const FAULT: FailureClass = { kind: 'fault', counted: true, again: 0, afterMs: null };

function classify(error: unknown, said: unknown): FailureClass {
  if (isPassing(said)) {
    const [kind, again] = isConflict(said) ? (['conflict', 5] as const) : (['condition', 1] as const);
    return { kind, counted: false, again, afterMs: null };
  }
  if (error instanceof RetryLater) return { kind: 'later', counted: false, again: 0, afterMs: error.afterMs };
  return FAULT;
}
