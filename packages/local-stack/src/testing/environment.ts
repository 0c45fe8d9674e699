import { type ProviderName, StackError } from '../stack.ts';

/** Set by globalSetup for all processes of a run: where the stack's host listens. */
export const STACK_HOST = 'HOOKLINE_TEST_STACK_HOST';

const PROVIDER = 'HOOKLINE_TEST_PROVIDER';
const CHOICES: readonly string[] = ['auto', 'containers', 'processes'];

/** The provider that tests are to use, by the environment; `auto` when nothing is said. */
export function testProvider(env: NodeJS.ProcessEnv = process.env): ProviderName | 'auto' {
  const value = env[PROVIDER] || 'auto';
  if (CHOICES.includes(value)) return value as ProviderName | 'auto';
  throw new StackError(`${PROVIDER} is "${value}"; it must be one of ${CHOICES.join(', ')}.`);
}
