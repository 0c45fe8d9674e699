import type { Command } from 'commander';
import { actorOf } from './actor.ts';
import { confirmOnTerminal } from './confirm.ts';
import { abandonNextGeneration } from './generation-abandon.ts';
import { moveToNextGeneration } from './generation-move.ts';
import type { Output } from './output.ts';
import { parse } from './parse.ts';
import { topicSettings } from './settings.ts';

interface GenerationArguments {
  why?: string;
  as?: string;
  yes?: true;
  wait: number;
  abandon?: true;
  json?: true;
}

/** `hookline topics generation`. */
export function addGenerationCommand(topics: Command, output: Output): void {
  topics
    .command('generation')
    .description(
      'move the log to its next topic, with HOOKLINE_TOPIC_NEXT_PARTITIONS partitions; run it again to go on where it stopped',
    )
    .option('--why <text>', 'the reason, which is recorded', '')
    .option('--as <actor>', 'who decides; default HOOKLINE_ACTOR, else the user of this system at this host')
    .option('--yes', 'do not ask')
    .option(
      '--wait <seconds>',
      'how long to wait in all for the old topic to be processed',
      (text: string) => Number(parse(text, /^\d{1,6}$/, 'whole seconds')),
      3600,
    )
    .option('--abandon', 'take back a generation that is prepared, while the old topic is not sealed')
    .option('--json', 'print JSON')
    .action(async ({ why = '', as, yes, wait, abandon, json }: GenerationArguments) => {
      const config = topicSettings(process.env);
      if (abandon) return abandonNextGeneration(config, output);
      const request = { actor: actorOf(as, process.env), why, waitMs: wait * 1000, json: json ?? false };
      await moveToNextGeneration(config, request, yes ? () => Promise.resolve(true) : confirmOnTerminal, output);
    });
}
