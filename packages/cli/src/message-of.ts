/** What an error says, in words: several errors in one (of a host with two addresses, of topics) each with its own. */
export function messageOf(error: unknown): string {
  const { errors, message, name } = error as { errors?: unknown; message?: string; name?: string };
  const several = Array.isArray(errors) ? [...new Set(errors.map(messageOf))].join('; ') : '';
  return [message, several].filter(Boolean).join(': ') || name || String(error);
}
