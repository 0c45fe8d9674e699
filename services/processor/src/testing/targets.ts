import type { ControlTarget } from '@hookline/contracts';
import { KEY } from './story.ts';

/** What commands of tests are about: the one repository of a story, where they do not say otherwise. */

export const redrive = (generation = 1, handlers: string[] = [], offset = 0n): ControlTarget => ({
  ...{ command: 'redrive', orderingKey: KEY, incarnation: 1, offset, generation, handlers },
});

export const reopen = (generation = 1, handlers: string[] = [], offset = 0n): ControlTarget => ({
  ...{ command: 'redrive', orderingKey: KEY, incarnation: 1, offset, generation, handlers, state: 'discarded' },
});

export const discard = (generation = 1, handlers: string[] = [], offset = 0n): ControlTarget => ({
  ...{ command: 'discard', orderingKey: KEY, incarnation: 1, offset, generation, handlers },
});

export const effect = (
  command: 'redrive-effect' | 'discard-effect',
  effectId: string,
  generation: number,
): ControlTarget => ({ command, orderingKey: KEY, effectId, state: 'dead', generation });

export const lane = (command: 'hold' | 'release', state: 'none' | 'retrying' | 'held'): ControlTarget => ({
  ...{ command, orderingKey: KEY, state },
});

export const head = (
  command: 'retry' | 'skip',
  offset: bigint,
  generation: number,
  state: 'retrying' | 'held' = 'retrying',
): ControlTarget => ({ command, orderingKey: KEY, state, incarnation: 1, offset, generation });
