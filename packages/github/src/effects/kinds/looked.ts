import type { LookResult, SendResult } from '@hookline/runtime';

/** What an unsuccessful request means for a look. */
export function looked({
  status,
  result,
}: {
  status: number | null;
  result: SendResult & { error: string };
}): LookResult {
  // Where there is nothing to look at, sending says so, and in GitHub's words.
  if (status === 404 || status === 410 || status === 422) return { found: 'nothing' };
  const { error } = result;
  return {
    found: 'failed',
    error,
    ...('afterMs' in result && result.afterMs !== undefined ? { afterMs: result.afterMs } : {}),
  };
}
