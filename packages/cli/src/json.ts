import { printable } from './printable.ts';

/**
 * JSON for programs: offsets and ids as strings of digits, since they exceed what a number holds; times in ISO 8601, UTC;
 * bytes in hex. What could forge what a terminal shows is escaped, which programs read as the same.
 */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value, function replace(this: Record<string, unknown>, name, given: unknown) {
    // Before its own toJSON, which makes an object of it.
    const original = this[name];
    if (Buffer.isBuffer(original)) return original.toString('hex');
    return typeof given === 'bigint' ? String(given) : given;
  });
  return printable(text);
}
