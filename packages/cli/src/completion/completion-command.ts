import { Argument, type Command } from 'commander';
import type { Output } from '../output.ts';
import { commandTree } from './command-tree.ts';
import { completionScript, SHELLS } from './scripts.ts';

/** `hookline completion`. To be added last: it completes what is there when it runs. */
export function addCompletionCommand(program: Command, output: Output): void {
  program
    .command('completion')
    .description('print a script that completes command lines: source <(hookline completion bash)')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .action((shell: (typeof SHELLS)[number]) => {
      output.data(completionScript(shell, commandTree(program)).trimEnd());
    });
}
