import type { Command } from 'commander';
import type { Output } from './output.ts';
import { addReplayDecisions } from './replays-decide.ts';
import { addReplayReading } from './reading/replays-read.ts';

/** `hookline replays`: deliveries that are held as possible replays, and decisions about them. */
export function addReplaysCommand(program: Command, output: Output): void {
  const replays = program
    .command('replays')
    .description('deliveries that are held as possible replays, and decisions about them');
  addReplayReading(replays, output);
  addReplayDecisions(replays, output);
}
