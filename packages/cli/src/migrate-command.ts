import { databaseConnection, makeRanges, migrateDown, migrateUp, migrationStatus } from '@hookline/database';
import { maskUrl } from '@hookline/runtime';
import type { Command } from 'commander';
import { confirmed } from './confirm.ts';
import type { Output } from './output.ts';
import { databaseOptions, settings } from './settings.ts';
import { explained, withDatabase } from './with-database.ts';

/** `hookline migrate up|down|status`. */
export function addMigrateCommand(program: Command, output: Output): void {
  const migrate = program.command('migrate').description('bring the database to the schema of this release');
  const place = () => settings(databaseOptions, process.env);

  migrate
    .command('up')
    .description('apply every pending migration, in one go; safe to run again, and twice at once')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: true }) => {
      const at = place();
      const applied = await explained(at.databaseUrl, () => migrateUp(databaseConnection(at)));
      const ranges = await withDatabase(at, makeRanges);
      if (json) output.data(JSON.stringify({ applied, ranges }));
      else for (const name of applied) output.data(name);
      output.progress(
        `${applied.length === 0 ? 'Nothing to apply' : `Applied ${migrations(applied)}`}; ` +
          `made ${ranges.length} ranges ahead.`,
      );
    });

  migrate
    .command('down')
    .description('undo the last migration; what it cannot bring back is written in its file')
    .option('--all', 'undo all of them: everything that Hookline has stored is gone')
    .option('--yes', 'do not ask')
    .option('--json', 'print JSON')
    .action(async ({ all = false, yes = false, json }: { all?: boolean; yes?: boolean; json?: true }) => {
      const at = place();
      const { applied } = await explained(at.databaseUrl, () => migrationStatus(databaseConnection(at)));
      const last = applied.toReversed().slice(0, all ? undefined : 1);
      if (last.length > 0) {
        for (const line of planOf(last, at.databaseUrl)) output.progress(line);
        await confirmed(last.length === 1 ? 'Undo it?' : 'Undo them?', yes);
      }
      const undone = await explained(at.databaseUrl, () => migrateDown(databaseConnection(at), { all }));
      if (json) output.data(JSON.stringify({ undone }));
      else for (const name of undone) output.data(name);
      output.progress(undone.length === 0 ? 'Nothing to undo.' : `Undid ${migrations(undone)}.`);
    });

  migrate
    .command('status')
    .description('list the migrations that are applied and those that are pending')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: true }) => {
      const at = place();
      const status = await explained(at.databaseUrl, () => migrationStatus(databaseConnection(at)));
      if (json) return output.data(JSON.stringify(status));
      for (const name of status.applied) output.data(`applied  ${name}`);
      for (const name of status.pending) output.data(`pending  ${name}`);
    });
}

function planOf(names: readonly string[], databaseUrl: string): string[] {
  return [
    `Undo ${migrations(names)} of ${maskUrl(databaseUrl)}, the last one first:`,
    ...names.map((name) => `  ${name}`),
    'What was stored by it is gone for good; the head of its .down.sql says what.',
  ];
}

function migrations(names: readonly string[]): string {
  return names.length === 1 ? '1 migration' : `${names.length} migrations`;
}
