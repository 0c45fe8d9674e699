const MAX_CHARACTERS = 8192;

/**
 * A value from outside as JSON that PostgreSQL takes as `jsonb`: without NUL and half characters, and not too long to be
 * kept; null where there is nothing, or nothing that could be kept. What tells of a success must not fail itself.
 */
export function storableJson(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  try {
    const given = JSON.stringify(value);
    // NUL and half characters are written so, and nothing else need be put right.
    const text = given.includes(String.raw`\u`) ? JSON.stringify(clean(JSON.parse(given))) : given;
    return text.length <= MAX_CHARACTERS ? text : JSON.stringify({ truncated: true });
  } catch {
    return null;
  }
}

function clean(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '').toWellFormed();
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [clean(name), clean(child)]));
}
