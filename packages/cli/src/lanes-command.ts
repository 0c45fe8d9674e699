import type { Command } from 'commander';
import type { Output } from './output.ts';
import { addLaneDecisions } from './lanes-decide.ts';
import { addLaneReading } from './reading/lanes-read.ts';

/** `hookline lanes`: repositories whose deliveries wait, and decisions about them. */
export function addLanesCommand(program: Command, output: Output): void {
  const lanes = program.command('lanes').description('repositories whose deliveries wait, and decisions about them');
  addLaneReading(lanes, output);
  addLaneDecisions(lanes, output);
}
