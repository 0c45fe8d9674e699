import { apps } from './acting/apps.ts';
import type { Acting, Handle } from './acting/acting.ts';
import { checkRuns } from './acting/check-runs.ts';
import { comments } from './acting/comments.ts';
import { documented } from './acting/documented.ts';
import { issues } from './acting/issues.ts';
import { users } from './acting/users.ts';
import { type Accounts, authenticate } from './authenticate.ts';
import type { Conformity } from './description/conformity.ts';
import { type Faults, redirectReply, underFault } from './faults.ts';
import type { Act } from './ledger.ts';
import { whereTo } from './moved.ts';
import { createRateLimit } from './rate-limit.ts';
import { jsonOf, type Received } from './receive.ts';
import { notFound, type Reply } from './reply.ts';
import type { Addresses } from './represent/addresses.ts';
import { accountOf } from './represent/user.ts';
import type { Principal, State } from './state.ts';

export interface Answering {
  state: State;
  accounts: Accounts;
  faults: Faults;
  conformity: Conformity;
  acts: Act[];
  tokenLifeMs: number;
  /** Milliseconds since the epoch. */
  now(): number;
}

const handles: Record<string, Handle> = { ...apps, ...comments, ...checkRuns, ...issues, ...users };

/** Answers requests as GitHub would. A reply of null: the connection is to be cut. */
export function createAnswer({ state, accounts, faults, conformity, acts, tokenLifeMs, now }: Answering) {
  const countRequest = createRateLimit();

  return async function answer(request: Received, path: string, addresses: Addresses): Promise<Reply | null> {
    const line = `${request.method} ${path}`;
    const body = jsonOf(request.text);
    const place = whereTo(path, state, addresses.api);
    if ('redirectTo' in place) return redirectReply(request.method, place.redirectTo);
    const found = conformity.find(request.method, place.path);
    if (found === undefined) {
      conformity.mismatches.push({ of: 'request', request: line, problems: ['no operation has this method and path'] });
      return notFound();
    }
    conformity.checkRequest(line, found, { ...request, body });
    const who = authenticate(request.headers['authorization'], accounts, state, now());
    const handle = handles[`${found.operation.method} ${found.operation.template}`];
    const act = (): Reply => {
      if (!who.success) return who.reply;
      const acting: Acting = {
        ...{ state, tokenLifeMs, addresses, now: now(), query: request.query, headers: request.headers },
        principal: who.principal,
        parameters: found.parameters,
        body: (body ?? {}) as Record<string, unknown>,
        url: `${addresses.api}${path}`,
        record: (done) => acts.push({ ...done, effect: done.effect ?? idempotencyKey(request), ...by(who.principal) }),
      };
      return handle === undefined ? documented(found, acting) : handle(acting);
    };
    const fault = faults.next({
      method: request.method,
      path: place.path,
      body: request.text,
      installationId: who.success && who.principal.kind === 'installation' ? who.principal.installationId : null,
    });
    const { reply } = fault === null ? { reply: act() } : await underFault(fault, act, request.method, now());
    if (reply === null) return null;
    // Examples that GitHub publishes are not always as its own schemas want them.
    if (handle !== undefined || reply.status >= 300) conformity.checkReply(line, found.operation, withBody(reply));
    return { ...reply, headers: { ...(who.success ? countRequest(who.principal, now()) : {}), ...reply.headers } };
  };

  function by(principal: Principal) {
    return { at: now(), by: accountOf(principal).login };
  }
}

function idempotencyKey({ headers }: Received): string | null {
  return headers['idempotency-key'] ?? null;
}

function withBody({ status, body }: Reply) {
  return { status, body };
}
