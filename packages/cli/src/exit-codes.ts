/** Exit codes of `hookline`. */
export const CLI_EXIT = {
  ok: 0,
  /** The command was understood and could not be carried out; stderr says why and what to do. */
  failed: 1,
  /** The command line or the configuration is wrong; nothing was attempted. */
  usage: 2,
  /** What was asked for is written down, and was not carried out within the time that the command waits. */
  pending: 3,
} as const;

/** Ends a command with one of these codes; the message is told on stderr. */
export class CommandEnd extends Error {
  override name = 'CommandEnd';
  readonly exitCode: (typeof CLI_EXIT)[keyof typeof CLI_EXIT];

  constructor(exitCode: (typeof CLI_EXIT)[keyof typeof CLI_EXIT], message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The end of a command that was understood and could not be carried out. */
export const failed = (message: string): CommandEnd => new CommandEnd(CLI_EXIT.failed, message);
