import type { ProviderName } from '../stack.ts';
import { StackError } from '../stack-error.ts';

/** Set by globalSetup for all processes of a run: where the stack's host listens. */
export const STACK_HOST = 'HOOKLINE_TEST_STACK_HOST';

const POOLER = 'HOOKLINE_TEST_POOLER';

const PROVIDER = 'HOOKLINE_TEST_PROVIDER';
const CHOICES: readonly string[] = ['auto', 'containers', 'processes'];

/** The provider that tests are to use, by the environment; `auto` when nothing is said. */
export function testProvider(env: NodeJS.ProcessEnv = process.env): ProviderName | 'auto' {
  const value = env[PROVIDER] || 'auto';
  if (CHOICES.includes(value)) return value as ProviderName | 'auto';
  throw new StackError(`${PROVIDER} is "${value}"; it must be one of ${CHOICES.join(', ')}.`);
}

/** Whether databases of tests are to be reached through PgBouncer, in transaction mode, by the environment. */
export function hasTestPooler(env: NodeJS.ProcessEnv = process.env): boolean {
  const value = env[POOLER] || 'none';
  if (value === 'none' || value === 'pgbouncer') return value === 'pgbouncer';
  throw new StackError(`${POOLER} is "${value}"; it must be none or pgbouncer.`);
}
