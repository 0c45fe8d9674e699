import type { Command } from 'commander';
import { actorOf } from './actor.ts';
import { asOption, whyOption } from './control-options.ts';
import { eraseSubject } from './erase-run.ts';
import type { Subject } from './erase-subject.ts';
import { CLI_EXIT, CommandEnd } from './exit-codes.ts';
import type { Output } from './output.ts';
import { parse } from './parse.ts';
import { partitionOptions, settings } from './settings.ts';

interface EraseArguments {
  repository?: Subject;
  sender?: Subject;
  why: string;
  as?: string;
  alsoWaiting?: true;
  dryRun?: true;
  yes?: true;
  json?: true;
}

/** `hookline erase`. */
export function addEraseCommand(program: Command, output: Output): void {
  program
    .command('erase')
    .description(
      'take bodies and personal columns of a repository or a sender away; what is known by its identity stays',
    )
    .option('--repository <key or id>', 'its id, or an ordering key as github.com/repository/<id>', parseRepository)
    .option('--sender <id>', "the id of a user: deliveries whose payload's sender it is", parseSender)
    .addOption(whyOption())
    .addOption(asOption())
    .option('--also-waiting', 'discard what waits in lanes or is held: it never runs')
    .option('--dry-run', 'show what would be erased; change nothing')
    .option('--yes', 'do not ask')
    .option('--json', 'print JSON')
    .action(async ({ why, as, alsoWaiting, dryRun, yes, json, ...subjects }: EraseArguments) => {
      const request = {
        subject: oneSubject(subjects),
        actor: actorOf(as, process.env),
        why,
        dryRun: dryRun ?? false,
        alsoWaiting: alsoWaiting ?? false,
        yes: yes ?? false,
        json: json ?? false,
      };
      await eraseSubject(settings(partitionOptions, process.env), request, output);
    });
}

function oneSubject({ repository, sender }: Pick<EraseArguments, 'repository' | 'sender'>): Subject {
  const subject = repository ?? sender;
  if (subject && !(repository && sender)) return subject;
  throw new CommandEnd(CLI_EXIT.usage, 'Say whose data is to go: either --repository or --sender.');
}

function parseRepository(text: string): Subject {
  if (/^\d{1,20}$/.test(text)) return { kind: 'repository', id: text };
  return { kind: 'repository', key: parse(text, /^[^/\0]+\/[a-z]+\/[^\0]+$/, 'an id or an ordering key') };
}

function parseSender(text: string): Subject {
  return { kind: 'sender', id: parse(text, /^\d{1,20}$/, 'the id of a user, in digits') };
}
