import type { Command } from 'commander';
import type { Output } from './output.ts';

/** Adds the decisions about dead letters to `hookline dead-letters`. */
export function addDeadLetterDecisions(_deadLetters: Command, _output: Output): void {}
