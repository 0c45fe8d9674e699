import type { Principal } from './state.ts';

const LIMIT = 5000;
const WINDOW_MS = 3_600_000;

/** Counts requests per installation, App or user, for GitHub's headers. It refuses none: a fault does that. */
export function createRateLimit(): (principal: Principal, nowMs: number) => Record<string, string> {
  const windows = new Map<string, { used: number; resetMs: number }>();
  return (principal, nowMs) => {
    const key = keyOf(principal);
    const known = windows.get(key);
    const window = known !== undefined && known.resetMs > nowMs ? known : { used: 0, resetMs: nowMs + WINDOW_MS };
    window.used += 1;
    windows.set(key, window);
    return {
      'x-ratelimit-limit': String(LIMIT),
      'x-ratelimit-remaining': String(Math.max(LIMIT - window.used, 0)),
      'x-ratelimit-used': String(window.used),
      'x-ratelimit-reset': String(Math.ceil(window.resetMs / 1000)),
      'x-ratelimit-resource': 'core',
    };
  };
}

function keyOf(principal: Principal): string {
  switch (principal.kind) {
    case 'app':
      return `app ${principal.app.id}`;
    case 'installation':
      return `installation ${principal.installationId}`;
    case 'user':
      return `user ${principal.user.login}`;
  }
}
