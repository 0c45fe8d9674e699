import type { Command } from 'commander';
import type { Output } from './output.ts';
import { addLaneDecisions } from './lanes-decide.ts';

/** `hookline lanes`: repositories whose deliveries wait, and decisions about them. */
export function addLanesCommand(program: Command, output: Output): void {
  const lanes = program.command('lanes').description('repositories whose deliveries wait, and decisions about them');
  addLaneDecisions(lanes, output);
}
