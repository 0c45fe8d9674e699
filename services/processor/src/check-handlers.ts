import { handlerProblems, type Handler } from '@hookline/handlers';
import type { ProcessorConfig } from './config.ts';
import { policyProblems } from './liveness/liveness-options.ts';

/** Throws where a processor cannot work with these handlers; what was loaded by configuration was judged before. */
export function checkHandlers(
  handlers: readonly Handler[],
  limits: Pick<ProcessorConfig, 'stuckMs' | 'statementTimeoutMs'>,
): void {
  const problems = [...handlerProblems(handlers), ...policyProblems(handlers, limits)];
  if (problems.length > 0) throw new RangeError(problems.join(' '));
}
