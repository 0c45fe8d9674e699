import type { StackStep } from './stack.ts';

/** Runs named work and tells when it starts and how it ends, with the time it took. */
export function stepReporter(
  report: (step: StackStep) => void,
): <T>(name: string, work: () => Promise<T>) => Promise<T> {
  return async (name, work) => {
    const begin = performance.now();
    const tell = (state: StackStep['state']): void => {
      report({ name, state, elapsedMs: Math.round(performance.now() - begin) });
    };
    tell('started');
    try {
      const result = await work();
      tell('done');
      return result;
    } catch (error) {
      tell('failed');
      throw error;
    }
  };
}
