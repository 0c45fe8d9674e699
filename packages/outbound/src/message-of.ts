/** What an error says, with its code; of several errors together the first. */
export function messageOf(error: unknown): string {
  const { message, code, errors } = Object(error) as { message?: unknown; code?: unknown; errors?: unknown };
  if (typeof message !== 'string') return String(error);
  // Of several addresses, none could be connected to: such an error itself says nothing.
  if (message === '' && Array.isArray(errors)) return messageOf(errors[0]);
  return typeof code !== 'string' || message.includes(code) ? message : `${message} (${code})`;
}
