import { randomBytes } from 'node:crypto';
import { integration, PERMISSIONS } from '../represent/app.ts';
import { isoTime } from '../represent/time.ts';
import { errorReply, notFound } from '../reply.ts';
import type { Handle } from './acting.ts';

const NO_JWT = 'A JSON web token could not be decoded';

/** An App and the tokens of its installations. */
export const apps: Record<string, Handle> = {
  'GET /app'({ principal, addresses }) {
    if (principal.kind !== 'app') return errorReply(401, NO_JWT);
    return { status: 200, body: integration(principal.app, addresses) };
  },

  'POST /app/installations/{installation_id}/access_tokens'({ principal, state, parameters, now, tokenLifeMs }) {
    if (principal.kind !== 'app') return errorReply(401, NO_JWT);
    const { app } = principal;
    const installationId = Number(parameters['installation_id']);
    if (app.installations !== 'any' && !app.installations.includes(installationId)) return notFound();
    const token = `ghs_${randomBytes(18).toString('hex')}`;
    state.tokens.set(token, { app, installationId, expiresAt: now + tokenLifeMs });
    return {
      status: 201,
      body: {
        token,
        expires_at: isoTime(now + tokenLifeMs),
        permissions: PERMISSIONS,
        repository_selection: 'all',
      },
    };
  },
};
