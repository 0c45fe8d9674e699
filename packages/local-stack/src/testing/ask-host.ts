import { StackError } from '../stack-error.ts';
import { STACK_HOST } from './environment.ts';
import type { HostAnswer } from './stack-host.ts';

/** Asks this run's host; rejects with the reason when there can be no stack. */
export async function askHost<T>(path: '/stack' | '/template' | '/secure'): Promise<T> {
  const host = process.env[STACK_HOST];
  if (!host) throw new StackError('There is no test stack: run this test by Jest with the root jest.config.mjs.');
  const answer = (await (await fetch(host + path)).json()) as HostAnswer<T>;
  if (!answer.success) throw new StackError(answer.message);
  return answer.value;
}
