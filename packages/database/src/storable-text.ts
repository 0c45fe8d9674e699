/**
 * Text from outside, as PostgreSQL takes it: without NUL, at most this many bytes of UTF-8, cut between characters. What
 * tells of a failure must not fail itself.
 */
export function storableText(text: string, maxBytes: number): string {
  // A character has at most three bytes for each of its code units: no need to look at the rest of a huge text.
  const clean = text
    .slice(0, maxBytes + 1)
    .replaceAll('\0', '')
    .toWellFormed();
  const bytes = Buffer.from(clean);
  if (bytes.length <= maxBytes) return clean;
  let end = maxBytes;
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}
