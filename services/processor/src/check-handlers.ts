import { handlerProblems, type Handler } from '@hookline/handlers';

/** Throws where a processor cannot work with these handlers; what was loaded by configuration was judged before. */
export function checkHandlers(handlers: readonly Handler[]): void {
  const problems = handlerProblems(handlers);
  if (problems.length > 0) throw new RangeError(problems.join(' '));
}
