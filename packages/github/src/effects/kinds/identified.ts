import type { SendResult } from '@hookline/runtime';
import type { Verdict } from '../api/verdict.ts';

/** What is kept of what GitHub has made: its id, as digits, and where people see it. */
export function identified(data: unknown): { id?: string; url?: string } {
  const { id, html_url: url } = (data ?? {}) as { id?: unknown; html_url?: unknown };
  return {
    ...(['number', 'bigint', 'string'].includes(typeof id) ? { id: String(id) } : {}),
    ...(typeof url === 'string' ? { url } : {}),
  };
}

/** What a request to make or change a thing has come to. */
export function madeOf(verdict: Verdict): SendResult {
  if (!verdict.ok) return verdict.result;
  const result = identified(verdict.data);
  if (result.id !== undefined) return { outcome: 'sent', result };
  // A proxy's page, for example: whether GitHub has seen the request, it does not say.
  return { outcome: 'ambiguous', error: `The answer ${verdict.status} is not one of GitHub's: it has no id.` };
}
