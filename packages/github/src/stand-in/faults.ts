import { setTimeout as delay } from 'node:timers/promises';
import { errorReply, type Reply } from './reply.ts';

/** What goes wrong with a request. */
export type FaultKind =
  /** Nothing: one request of a sequence passes. */
  | { kind: 'none' }
  /** It is done, and the connection is cut without a reply. */
  | { kind: 'drop-reply' }
  /** The connection is cut, and nothing is done. */
  | { kind: 'drop-request' }
  /** It is done, and answered 500. */
  | { kind: 'error-after' }
  /** It is not done, and answered by this status, 502 by default. */
  | { kind: 'error'; status?: number; message?: string }
  /** It is answered later; done at once or, by `act: 'last'`, only then, whether somebody still waits or not. */
  | { kind: 'slow'; delayMs: number; act?: 'first' | 'last' }
  /** 403, of GitHub's secondary limits; seconds, or null for no Retry-After. */
  | { kind: 'secondary-limit'; retryAfter: number | null }
  /** 429; seconds. */
  | { kind: 'too-many-requests'; retryAfter: number }
  /** 403, no request left until the limit is set back; milliseconds until then. */
  | { kind: 'primary-limit'; resetMs: number }
  /** By 301 for GET, else 307, to this address. */
  | { kind: 'redirect'; location: string };

/** Which requests meet a fault. What is left out fits all. */
export interface FaultMatch {
  method?: string;
  /** A regular expression for the path, without the base path. */
  path?: string;
  /** Contained in the body as it came. */
  body?: string;
  installationId?: number;
}

export interface Fault {
  match?: FaultMatch;
  fault: FaultKind;
  /** How many requests meet it, 1 by default; null: all. */
  times?: number | null;
  /** How many that fit pass before. */
  skip?: number;
}

export interface FaultedRequest {
  method: string;
  path: string;
  body: string;
  installationId: number | null;
}

/** A fault, and how often it has been met. */
export interface ProgrammedFault {
  id: number;
  fault: Fault;
  hits: number;
}

export interface Faults {
  add(fault: Fault): ProgrammedFault;
  /** The fault that this request meets: the first that fits and is not used up. */
  next(request: FaultedRequest): FaultKind | null;
  clear(): void;
  list(): ProgrammedFault[];
}

export function createFaults(): Faults {
  let faults: (ProgrammedFault & { passed: number })[] = [];
  let lastId = 0;
  return {
    add(fault) {
      const programmed = { id: (lastId += 1), fault, hits: 0, passed: 0 };
      faults.push(programmed);
      return programmed;
    },
    next(request) {
      for (const programmed of faults) {
        const { match = {}, fault, times = 1, skip = 0 } = programmed.fault;
        if ((times !== null && programmed.hits >= times) || !fits(match, request)) continue;
        programmed.passed += 1;
        if (programmed.passed <= skip) continue;
        programmed.hits += 1;
        return fault;
      }
      return null;
    },
    clear() {
      faults = [];
    },
    list: () => faults.map(({ id, fault, hits }) => ({ id, fault, hits })),
  };
}

function fits({ method, path, body, installationId }: FaultMatch, request: FaultedRequest): boolean {
  return (
    (method === undefined || method === request.method) &&
    (path === undefined || new RegExp(path).test(request.path)) &&
    (body === undefined || request.body.includes(body)) &&
    (installationId === undefined || installationId === request.installationId)
  );
}

/** What a faulted request comes to. `reply` null: the connection is cut. */
export type Outcome = { reply: Reply | null };

const LIMIT = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';

/** Lets `act` happen, or not, as the fault wants it. */
export async function underFault(fault: FaultKind, act: () => Reply, method: string, nowMs: number): Promise<Outcome> {
  switch (fault.kind) {
    case 'none':
      return { reply: act() };
    case 'drop-request':
      return { reply: null };
    case 'drop-reply':
      act();
      return { reply: null };
    case 'error-after':
      act();
      return { reply: errorReply(500, 'Server Error') };
    case 'error':
      return { reply: errorReply(fault.status ?? 502, fault.message ?? 'Server Error') };
    case 'slow':
      return slowly(fault, act);
    case 'secondary-limit':
      return {
        reply: errorReply(403, LIMIT, fault.retryAfter === null ? {} : { 'retry-after': `${fault.retryAfter}` }),
      };
    case 'too-many-requests':
      return { reply: errorReply(429, LIMIT, { 'retry-after': `${fault.retryAfter}` }) };
    case 'primary-limit':
      return {
        reply: errorReply(403, 'API rate limit exceeded for installation ID 1.', {
          'x-ratelimit-remaining': '0',
          'x-ratelimit-used': '5000',
          'x-ratelimit-reset': String(Math.ceil((nowMs + fault.resetMs) / 1000)),
        }),
      };
    case 'redirect':
      return { reply: redirectReply(method, fault.location) };
  }
}

async function slowly({ delayMs, act: when }: { delayMs: number; act?: 'first' | 'last' }, act: () => Reply) {
  if (when === 'last') {
    await delay(delayMs);
    return { reply: act() };
  }
  const reply = act();
  await delay(delayMs);
  return { reply };
}

/** As GitHub sends one on whose repository has another name now. */
export function redirectReply(method: string, location: string): Reply {
  const [status, message] = method === 'GET' ? [301, 'Moved Permanently'] : [307, 'Temporary Redirect'];
  return {
    status,
    headers: { location },
    body: { message, url: location, documentation_url: 'https://docs.github.com/rest' },
  };
}
