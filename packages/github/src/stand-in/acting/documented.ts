import type { Found } from '../description/find-operation.ts';
import { notFound, type Reply } from '../reply.ts';
import type { Acting } from './acting.ts';

/**
 * What is answered to a request that the stand-in does not model: the example that GitHub publishes for it. It changes
 * nothing but the ledger.
 */
export function documented({ operation, parameters }: Found, acting: Acting): Reply {
  const success = [...operation.replies].find(([status]) => status >= 200 && status < 300);
  if (success === undefined) return notFound();
  const [status, described] = success;
  const did = ACTS[operation.method];
  if (did !== undefined) {
    acting.record({
      did,
      what: `${operation.method} ${operation.template}`,
      repository: parameters['owner'] === undefined ? '' : `${parameters['owner']}/${parameters['repo']}`,
      subject: acting.url,
      id: null,
      effect: null,
      name: null,
    });
  }
  return { status, ...(described === null ? {} : { body: described.example }) };
}

/** PUT and PATCH make what is there be as they say: doing so twice is no double. */
const ACTS: Record<string, 'create' | 'update' | 'delete'> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'update',
  DELETE: 'delete',
};
