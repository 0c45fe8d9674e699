/** The handlers of the harness: the first runs delivery by delivery, the second once for a slice. */
export const EFFECT = 'effect';
export const PROJECT = 'project';
export type HandlerName = typeof EFFECT | typeof PROJECT;

/** Which handlers ask for an event. */
export const HANDLED_EVENTS: Readonly<Record<HandlerName, readonly string[]>> = {
  [EFFECT]: ['issues', 'push'],
  [PROJECT]: ['issues', 'star'],
};

/**
 * What a handler does with a delivery instead of its work.
 *
 * - `fail`: it throws
 * - `violate`: PostgreSQL refuses what it writes
 * - `swallow`: it hides an error of its SQL
 * - `float`: it returns before its query has
 * - `hang`: it does not settle
 * - `conflict`: PostgreSQL tells it to try again (40001)
 * - `later`: it asks to be run again later
 * - `exit`: it ends the process
 * - `spin`: an endless loop
 * - `exhaust`: it takes all memory
 * - `late`: it does its work, and uses its database again after it has settled
 */
export const MISDEEDS = [
  'fail',
  'violate',
  'swallow',
  'float',
  'hang',
  'conflict',
  'later',
  'exit',
  'spin',
  'exhaust',
  'late',
] as const;
export type Misdeed = (typeof MISDEEDS)[number];

/** Carried by a delivery in its payload, as `crash`. */
export interface Behaviour {
  does: Misdeed;
  in: HandlerName;
  /** Milliseconds since the Unix epoch; from then on it does its work. Null: never. */
  until: number | null;
}
