import type { Command } from 'commander';
import { addEffectDecisions } from './effects-decide.ts';
import type { Output } from './output.ts';
import { addEffectReading } from './reading/effects-read.ts';

/** `hookline effects`: what handlers have asked for, and decisions about what could not be sent. */
export function addEffectsCommand(program: Command, output: Output): void {
  const effects = program
    .command('effects')
    .description('what handlers have asked for, and decisions about what could not be sent');
  addEffectReading(effects, output);
  addEffectDecisions(effects, output);
}
