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

/** An effect that the handler {@link EFFECT} asks for. */
export interface WantedEffect {
  /** Tells it from the others of its delivery; `two` and `side` also name themselves by it. */
  name: 'comment' | 'sticky' | 'post' | 'two' | 'side' | 'forward' | 'job' | 'refused';
  kind: string;
  queue: string;
  /** Its target refuses it until it was redriven, or for good. */
  refused: 'at-first' | 'always' | null;
}

/** The route that forwards go by: the queue of its effects. */
export const ROUTE = 'crash';

/** In a process that is to ask for effects: where its posts go to, and which kinds it asks for. */
export const EFFECTS = 'CRASH_EFFECTS';
export interface EffectsWanted {
  receiver: string;
  kinds: string[];
}

/** What is asked for is decided by the GUID: the same whenever, and wherever, the delivery is handled. */
export function wantedEffects(guid: string, kinds: readonly string[]): WantedEffect[] {
  const bytes = Buffer.from(guid.replaceAll('-', ''), 'hex');
  const byte = (nth: number): number => bytes[nth] ?? 0;
  const post = (name: WantedEffect['name'], queue = ''): WantedEffect => ({
    ...{ name, kind: 'http.post', queue, refused: null },
  });
  const all: [boolean, WantedEffect][] = [
    [byte(0) < 90, { name: 'comment', kind: 'github.comment', queue: '', refused: null }],
    [byte(1) < 80, post('post')],
    [byte(1) < 30, post('two')],
    [byte(2) < 30, post('side', 'side')],
    [byte(3) < 40, { name: 'sticky', kind: 'github.stickyComment', queue: '', refused: null }],
    [byte(4) < 50, { name: 'forward', kind: 'http.forward', queue: ROUTE, refused: null }],
    [byte(5) < 50, { name: 'job', kind: 'kafka.publish', queue: '', refused: null }],
    [byte(7) < 8, { ...post('refused'), refused: byte(7) < 5 ? 'at-first' : 'always' }],
  ];
  const wanted = all.flatMap(([isWanted, effect]) => (isWanted && kinds.includes(effect.kind) ? [effect] : []));
  return byte(9) < 128 ? wanted : wanted.toReversed();
}

/** What its target is told in words. */
export const aboutOf = (guid: string, { name }: Pick<WantedEffect, 'name'>): string => `${guid} ${name}`;
