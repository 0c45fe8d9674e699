import type { StackAddresses } from '../stack.ts';
import { askHost } from './ask-host.ts';

/** This run's one stack, started by the first call of any test file. Shared: a test that stops parts takes `ownStack`. */
export function testStack(): Promise<StackAddresses> {
  return askHost<StackAddresses>('/stack');
}
