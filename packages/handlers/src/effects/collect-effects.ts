import { EFFECT_KINDS, type RequestedEffect } from '@hookline/contracts';
import { HandlerMisuse } from '../handler-misuse.ts';
import { asJson } from './as-json.ts';
import type { AddOptions, EffectOptions, Effects } from './effects.ts';
import type { EffectDelivery } from './github-target.ts';
import * as requests from './requests.ts';

/** Effects of one run of a handler: they are in memory until it commits, and in one statement then. */
export const MAX_EFFECTS = 1000;
/** Bytes of one effect's request. */
export const MAX_EFFECT_BYTES = 1024 * 1024;
/** Bytes of all requests of one run. */
export const MAX_RUN_BYTES = 16 * MAX_EFFECT_BYTES;

export interface CollectedEffects {
  effects: Effects;
  /** What was asked for so far, in the order of the calls; JSON throughout. */
  requested(): RequestedEffect[];
  /** The handler has returned: nothing can be asked for any more. */
  settle(): void;
  /** The same, however the handler settled. */
  close(): void;
}

type Asked = Omit<RequestedEffect, 'key'>;

/**
 * Takes notes of the effects that one run of a handler asks for. What cannot be kept throws {@link HandlerMisuse}, naming
 * handler and effect: two of one key, a request that is no JSON, too many or too large.
 */
export function collectEffects({ handler, delivery }: { handler: string; delivery: EffectDelivery }): CollectedEffects {
  const collected: RequestedEffect[] = [];
  const keys = new Set<string>();
  let ordinal = 0;
  let bytes = 0;
  let closed = false;

  const take = (kind: string, { key }: EffectOptions, build: () => Asked): void => {
    const misuse = (problem: string, cause?: unknown) =>
      new HandlerMisuse(`Handler ${handler}, effect ${kind}: ${problem}.`, { cause });
    if (closed) throw misuse('asked for after the handler had settled: await everything before you return');
    if (collected.length >= MAX_EFFECTS) throw misuse(`at most ${MAX_EFFECTS} in one run; make a job of the rest`);
    if (key !== undefined) checkKey(key, keys, misuse);
    const { request, ...asked } = attempt(build, misuse);
    if (!/^[^\p{Cc}\p{Cs}]{0,200}$/u.test(asked.queue))
      throw misuse('its queue must be at most 200 characters of one line');
    const json = attempt(() => asJson(request), misuse);
    if (json.bytes > MAX_EFFECT_BYTES) throw misuse(`its request is ${json.bytes} bytes, above ${MAX_EFFECT_BYTES}`);
    if (bytes + json.bytes > MAX_RUN_BYTES) throw misuse(`the requests of this run are above ${MAX_RUN_BYTES} bytes`);
    bytes += json.bytes;
    if (key !== undefined) keys.add(key);
    collected.push({ ...asked, key: key ?? `#${ordinal++}`, request: json.copy });
  };
  const close = () => {
    closed = true;
  };

  return {
    effects: {
      githubComment: (comment) => take('github.comment', comment, () => requests.commentOf(delivery, comment)),
      // Its key names the comment, which many deliveries share; the effect goes by its place.
      githubStickyComment: (comment) =>
        take('github.stickyComment', {}, () => requests.stickyCommentOf(delivery, comment)),
      githubCheckRun: (run) => take('github.checkRun', run, () => requests.checkRunOf(delivery, run)),
      githubRequest: (route, parameters = {}, options = {}) =>
        take('github.request', options, () => requests.githubRequestOf(delivery, route, parameters, options)),
      post: (request) => take('http.post', request, () => requests.postOf(request)),
      forward: (request) => take('http.forward', request, () => requests.forwardOf(request)),
      job: (name, payload, options = {}) => take('kafka.publish', options, () => requests.jobOf(name, payload)),
      add: (kind, request, options = {}) => take(kind, options, () => addedOf(kind, request, options)),
    },
    requested: () => [...collected],
    settle: close,
    close,
  };
}

function addedOf(kind: string, request: unknown, { queue = '', withBody = false }: AddOptions): Asked {
  if ((EFFECT_KINDS as readonly string[]).includes(kind)) throw new TypeError('it has a call of its own: use that');
  if (!/^[A-Za-z][\w.-]{0,99}$/.test(kind)) {
    throw new TypeError('no name of a kind: a letter, then letters, digits and _ . - only, at most 100');
  }
  if (request === undefined) throw new TypeError('it has no request');
  return { kind, queue, request, withBody };
}

function checkKey(key: unknown, keys: ReadonlySet<string>, misuse: (problem: string) => HandlerMisuse): void {
  if (typeof key !== 'string' || !/^(?!#)[^\p{Cc}\p{Cs}]{1,200}$/u.test(key)) {
    throw misuse(`${JSON.stringify(key)} is no key: 1 to 200 characters of one line, not beginning with #`);
  }
  if (keys.has(key)) {
    throw misuse(`its key ${JSON.stringify(key)} was used by this run already: each effect needs a key of its own`);
  }
}

function attempt<T>(build: () => T, misuse: (problem: string, cause: unknown) => HandlerMisuse): T {
  try {
    return build();
  } catch (error) {
    throw misuse(error instanceof Error ? error.message : String(error), error);
  }
}
