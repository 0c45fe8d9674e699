import { describe, it } from '@jest/globals';
import type { ProviderName } from '../stack.ts';

/** Stands for a suite that cannot run here: the report shows it as left out, and why, never as passed. */
export function leftOut(provider: ProviderName, why: string): void {
  describe(`a stack of ${provider}`, () => {
    // oxlint-disable-next-line jest/no-disabled-tests
    it.skip(`is left out: ${why}`, () => {});
  });
}
