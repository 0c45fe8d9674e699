import type { Command } from 'commander';
import { actorOf } from './actor.ts';
import { asOption, waitOption } from './control-options.ts';
import { abandonNextGeneration } from './generation-abandon.ts';
import { moveToNextGeneration } from './generation-move.ts';
import type { Output } from './output.ts';
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
    .addOption(asOption())
    .option('--yes', 'do not ask')
    .addOption(waitOption(3600, 'how long to wait in all for the old topic to be processed'))
    .option('--abandon', 'take back a generation that is prepared, while the old topic is not sealed')
    .option('--json', 'print JSON')
    .action(async ({ why = '', as, yes, wait, abandon, json }: GenerationArguments) => {
      const config = topicSettings(process.env);
      if (abandon) return abandonNextGeneration(config, output);
      const actor = actorOf(as, process.env);
      const request = { actor, why, waitMs: wait * 1000, yes: yes ?? false, json: json ?? false };
      await moveToNextGeneration(config, request, output);
    });
}
