/** Exit codes of `hookline`. */
export const CLI_EXIT = {
  ok: 0,
  /** The command was understood and could not be carried out; stderr says why and what to do. */
  failed: 1,
  /** The command line or the configuration is wrong; nothing was attempted. */
  usage: 2,
} as const;
