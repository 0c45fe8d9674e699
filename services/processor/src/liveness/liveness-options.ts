import type { Handler } from '@hookline/handlers';
import { option } from '@hookline/runtime';

export const livenessOptions = {
  stuckMs: option.duration({
    env: 'HOOKLINE_STUCK_MS',
    help: 'Silence of the fetch loop, or of a partition with records in hand, after which /livez fails; above the timeouts of a handler and of a statement together.',
    min: 1,
    default: 120_000,
  }),
};

/** What is wrong with the timeouts together: silence that they allow must not end the process. */
export function stuckProblems(config: {
  stuckMs?: number | undefined;
  handlerTimeoutMs?: number | undefined;
  statementTimeoutMs?: number | undefined;
}): string[] {
  const { stuckMs, handlerTimeoutMs, statementTimeoutMs } = config;
  if (stuckMs === undefined || handlerTimeoutMs === undefined || statementTimeoutMs === undefined) return [];
  if (stuckMs > handlerTimeoutMs + statementTimeoutMs) return [];
  return [
    `HOOKLINE_STUCK_MS is ${stuckMs}: it must be above HOOKLINE_HANDLER_TIMEOUT_MS and HOOKLINE_STATEMENT_TIMEOUT_MS ` +
      `together (${handlerTimeoutMs + statementTimeoutMs}), or a slow handler would end the process.`,
  ];
}

/** Why a handler's own policy lets it be silent for longer than progress may be; a sentence each. */
export function policyProblems(
  handlers: readonly Handler[],
  { stuckMs, statementTimeoutMs }: { stuckMs: number; statementTimeoutMs: number },
): string[] {
  return handlers.flatMap(({ name, policy }) => {
    const needed = (policy?.timeoutMs ?? 0) + statementTimeoutMs;
    if (policy?.timeoutMs === undefined || stuckMs > needed) return [];
    return [
      `HOOKLINE_STUCK_MS is ${stuckMs}: it must be above the timeout of handler ${name} (${policy.timeoutMs}) and ` +
        `HOOKLINE_STATEMENT_TIMEOUT_MS together (${needed}), or the handler could end the process.`,
    ];
  });
}
