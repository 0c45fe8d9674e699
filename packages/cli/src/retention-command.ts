import type { Command } from 'commander';
import type { Output } from './output.ts';
import { removeOld } from './retention-run.ts';
import { retentionRunOptions } from './retention-settings.ts';
import { settings } from './settings.ts';

/** `hookline retention run`. */
export function addRetentionCommand(program: Command, output: Output): void {
  program
    .command('retention')
    .description('remove what is old enough, and nothing inside the horizon')
    .command('run')
    .description(
      'make ranges ahead, drop old ones, delete what was settled long ago; safe twice at once, and from a CronJob',
    )
    .option('--dry-run', 'show what would be removed; change nothing')
    .option('--json', 'print JSON')
    .action(async ({ dryRun, json }: { dryRun?: true; json?: true }) => {
      const config = settings(retentionRunOptions, process.env);
      await removeOld(config, { dryRun: dryRun ?? false, json: json ?? false }, output);
    });
}
