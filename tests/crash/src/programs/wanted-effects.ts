import { EFFECT_KINDS } from '@hookline/contracts';

/** An effect that a handler asks for. */
export interface WantedEffect {
  /** Tells it from the others of its delivery; `two` and `side` also name themselves by it. */
  name:
    | 'comment'
    | 'sticky'
    | 'check'
    | 'labels'
    | 'dispatch'
    | 'post'
    | 'two'
    | 'side'
    | 'forward'
    | 'job'
    | 'refused'
    | 'looked'
    | 'resent'
    | 'parked';
  kind: string;
  queue: string;
  /** Its target refuses it until it was redriven, or for good. */
  refused: 'at-first' | 'always' | null;
}

/** Every kind that is asked for: all that are built in, and one of users' own for each answer to an unknown end. */
export const KINDS = [...EFFECT_KINDS, 'crash.look', 'crash.resend', 'crash.park'];

/** The route that forwards go by: the queue of its effects. */
export const ROUTE = 'crash';

/** The job that handlers ask for. */
export const JOB = 'sync';

/** In a process that asks for effects or sends them: where posts go to, and which kinds are asked for. */
export const EFFECTS = 'CRASH_EFFECTS';
export interface EffectsWanted {
  receiver: string;
  kinds: string[];
}

export function readEffectsWanted(environment: NodeJS.ProcessEnv = process.env): EffectsWanted {
  return JSON.parse(environment[EFFECTS] ?? '{ "receiver": "", "kinds": [] }') as EffectsWanted;
}

/** What is asked for is decided by the GUID: the same whenever, and wherever, the delivery is handled. */
export function wantedEffects(guid: string, kinds: readonly string[]): WantedEffect[] {
  const bytes = Buffer.from(guid.replaceAll('-', ''), 'hex');
  const byte = (nth: number): number => bytes[nth] ?? 0;
  const one = (name: WantedEffect['name'], kind: string, queue = ''): WantedEffect => ({
    ...{ name, kind, queue, refused: null },
  });
  const all: [boolean, WantedEffect][] = [
    [byte(0) < 90, one('comment', 'github.comment')],
    [byte(1) < 80, one('post', 'http.post')],
    [byte(1) < 30, one('two', 'http.post')],
    [byte(2) < 30, one('side', 'http.post', 'side')],
    [byte(3) < 40, one('sticky', 'github.stickyComment')],
    [byte(4) < 50, one('forward', 'http.forward', ROUTE)],
    [byte(5) < 50, one('job', 'kafka.publish')],
    [byte(7) < 8, { ...one('refused', 'http.post'), refused: byte(7) < 5 ? 'at-first' : 'always' }],
    [byte(10) < 30, one('check', 'github.checkRun')],
    [byte(11) < 25, one('labels', 'github.request')],
    [byte(12) < 25, one('dispatch', 'github.request')],
    [byte(13) < 25, one('looked', 'crash.look')],
    [byte(14) < 20, one('resent', 'crash.resend')],
    [byte(15) < 20, one('parked', 'crash.park')],
  ];
  const wanted = all.flatMap(([isWanted, effect]) => (isWanted && kinds.includes(effect.kind) ? [effect] : []));
  return byte(9) < 128 ? wanted : wanted.toReversed();
}

/** What its target is told in words. */
export const aboutOf = (guid: string, { name }: Pick<WantedEffect, 'name'>): string => `${guid} ${name}`;
