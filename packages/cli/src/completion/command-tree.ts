import type { Command } from 'commander';

/** A command as completion sees it. */
export interface CommandNode {
  /** Its name behind those of the commands above it, separated by spaces; empty for the program. */
  path: string;
  description: string;
  commands: string[];
  options: CommandOption[];
}

export interface CommandOption {
  /** Without the dashes. */
  long: string;
  description: string;
  takesValue: boolean;
  /** All values that there are; empty where nobody can list them. */
  choices: readonly string[];
}

/** Every command below a program, and itself, as `--help` shows them. Pure. */
export function commandTree(command: Command, path = ''): CommandNode[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command);
  const node = {
    path,
    description: command.description(),
    commands: commands.map((below) => below.name()),
    options: help.visibleOptions(command).flatMap(({ long, description, required, optional, argChoices }) => {
      if (!long) return [];
      return [{ long: long.slice(2), description, takesValue: required || optional, choices: argChoices ?? [] }];
    }),
  };
  return [node, ...commands.flatMap((below) => commandTree(below, `${path} ${below.name()}`.trimStart()))];
}
