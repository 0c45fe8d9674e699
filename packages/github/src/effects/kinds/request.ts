import type { GithubRequest } from '@hookline/contracts';
import type { EffectKind } from '@hookline/runtime';
import { identified } from './identified.ts';
import { type GithubAccess, open, targetOf } from './open.ts';
import { reservedProblem } from './reserved.ts';

const SHAPE = { route: 'text', parameters: 'object', idempotent: 'boolean?' } as const;

/** A path of the API itself: what begins like an address would take the token elsewhere. */
const ROUTE = /^(GET|HEAD|POST|PUT|PATCH|DELETE) \/(?!\/)\S*$/;

/** Any request of the REST API. */
export function requestKind(access: GithubAccess): EffectKind {
  return {
    name: 'github.request',
    target: ({ request }) => targetOf(access.credentials, request),
    onAmbiguous: ({ request }) => (isIdempotent(request) ? 'resend' : 'park'),

    async send(effect, attempt) {
      const opened = open<GithubRequest>(access, effect, attempt, SHAPE);
      if (!opened.success) return opened.result;
      const { session } = opened;
      const { route, parameters } = session.request;
      const problem = requestProblem(session.request);
      if (problem !== null) return { outcome: 'refused', error: problem };
      const made = await session.act({ route, parameters });
      if (made.ok) {
        if (typeof made.data !== 'string' || made.data === '') {
          return { outcome: 'sent', result: { status: made.status, ...identified(made.data) } };
        }
        // A proxy's page, for example. What changes something at GitHub is answered by JSON, or by nothing.
        return { outcome: 'ambiguous', error: `The answer ${made.status} is not one of GitHub's: it is not JSON.` };
      }
      // An attempt before can have deleted it; and it is as it should be.
      const gone = made.status === 404 || made.status === 410;
      if (gone && attempt.number > 1 && methodOf(route) === 'DELETE') {
        return { outcome: 'sent', result: { status: made.status } };
      }
      return made.result;
    },
  };
}

function requestProblem({ route, parameters }: GithubRequest): string | null {
  if (!ROUTE.test(route)) return 'The route is not a method and a path, as `PUT /repos/{owner}/{repo}/topics`.';
  return reservedProblem(parameters);
}

function isIdempotent(request: unknown): boolean {
  const { route, idempotent } = (request ?? {}) as { route?: unknown; idempotent?: unknown };
  if (typeof idempotent === 'boolean') return idempotent;
  return typeof route === 'string' && !['POST', 'PATCH'].includes(methodOf(route));
}

function methodOf(route: string): string {
  return route.split(' ', 1)[0] ?? '';
}
