/** What is kept of what GitHub has made: its id, as digits, and where people see it. */
export function identified(data: unknown): { id?: string; url?: string } {
  const { id, html_url: url } = (data ?? {}) as { id?: unknown; html_url?: unknown };
  return {
    ...(['number', 'bigint', 'string'].includes(typeof id) ? { id: String(id) } : {}),
    ...(typeof url === 'string' ? { url } : {}),
  };
}
