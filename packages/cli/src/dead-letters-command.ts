import type { Command } from 'commander';
import type { Output } from './output.ts';
import { addDeadLetterDecisions } from './dead-letters-decide.ts';
import { addDeadLetterReading } from './reading/dead-letters-read.ts';

/** `hookline dead-letters`: deliveries that handlers have failed, and decisions about them. */
export function addDeadLettersCommand(program: Command, output: Output): void {
  const deadLetters = program
    .command('dead-letters')
    .description('deliveries that handlers have failed, and decisions about them');
  addDeadLetterReading(deadLetters, output);
  addDeadLetterDecisions(deadLetters, output);
}
