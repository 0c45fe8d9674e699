import { errorReply } from '../reply.ts';
import { simpleUser } from '../represent/user.ts';
import type { Handle } from './acting.ts';

const JOINED = '2025-01-01T00:00:00Z';

/** The user of a token. */
export const users: Record<string, Handle> = {
  'GET /user'({ principal, addresses }) {
    if (principal.kind !== 'user') return errorReply(403, 'Resource not accessible by integration');
    const { login, id } = principal.user;
    return {
      status: 200,
      body: {
        ...simpleUser({ login, id, type: 'User' }, addresses),
        name: login,
        company: null,
        blog: '',
        location: null,
        email: null,
        hireable: null,
        bio: null,
        public_repos: 0,
        public_gists: 0,
        followers: 0,
        following: 0,
        created_at: JOINED,
        updated_at: JOINED,
      },
    };
  },
};
