/** What an error of whatever kind says, in one line, also where it shows source. */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return message.replaceAll(/\s*\n\s*/g, ' ');
}
