import { dockerProblem } from './containers/engine.ts';
import { missingTool } from './processes/index.ts';
import type { ProviderName } from './stack.ts';
import { StackError } from './stack-error.ts';

/**
 * The provider to use: Docker where an engine answers, else processes where this machine can run them. Rejects with
 * one sentence that says what to install, also when the wished one is not possible.
 */
export async function detectProvider(wished: ProviderName | 'auto' = 'auto'): Promise<ProviderName> {
  const docker = wished === 'processes' ? undefined : await dockerProblem();
  if (wished !== 'processes' && docker === undefined) return 'containers';
  if (wished === 'containers')
    throw new StackError(`No Docker engine answers (${docker}): start one, or use processes.`);
  const missing = await missingTool();
  if (missing === undefined) return 'processes';
  if (wished === 'processes') throw new StackError(missing);
  throw new StackError(
    'Hookline needs a running Docker engine, or Java 17 and Maven (mvn): install either, then try again.',
  );
}
