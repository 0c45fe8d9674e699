import { startStack } from '../start-stack.ts';
import type { Stack, StackOptions } from '../stack.ts';
import { testProvider } from './environment.ts';

/**
 * A stack of this test's own, by this run's provider, for tests that stop, kill or freeze its parts. Stop it in
 * `afterAll`; name only the parts that are needed.
 */
export function ownStack(options: Pick<StackOptions, 'brokers' | 'parts'> = {}): Promise<Stack> {
  return startStack({ ...options, provider: testProvider() });
}
