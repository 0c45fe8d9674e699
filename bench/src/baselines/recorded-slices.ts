/** A transaction of the processor as it was sent: the texts, and their values as PostgreSQL's text. */
export interface RecordedSlice {
  topic: string;
  partition: number;
  epoch: string;
  /** That it has moved the offset by. */
  records: number;
  statements: { text: string; values: Kept[] }[];
}

/** A value of a statement in a file: what is sent in binary, by its bytes in base64. */
export type Kept = string | null | { binary: string };

/** What a client takes for a value of a statement, of what the processor gives it. */
export type Sent = string | number | bigint | boolean | Date | Buffer | null | undefined | readonly Sent[];

/** What a client would have to send, made beforehand. */
export function keep(value: Sent): Kept {
  return Buffer.isBuffer(value) ? { binary: value.toString('base64') } : toText(value);
}

/** @returns what pg sends as it is: bytes in binary, and text as text */
export function sendable(kept: Kept): string | Buffer | null {
  return kept !== null && typeof kept === 'object' ? Buffer.from(kept.binary, 'base64') : kept;
}

/** A value as PostgreSQL writes it. */
function toText(value: Sent): string | null {
  if (value === null || value === undefined) return null;
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`;
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? `{${value.map(toElement).join(',')}}` : String(value);
}

function toElement(value: Sent): string {
  const text = toText(value);
  return text === null ? 'NULL' : `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
