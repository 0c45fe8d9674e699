/**
 * A copy of a value as JSON has it, that nobody changes afterwards, and its size. Throws TypeError, saying where, for what
 * JSON would silently make something else of (a Map, NaN), and for text that PostgreSQL cannot store in jsonb.
 */
export function asJson(value: unknown): { copy: unknown; bytes: number } {
  const text = JSON.stringify(value, check);
  // Undefined, where a `toJSON` said so.
  if (text === undefined) throw new TypeError('it is undefined, and no JSON');
  return { copy: JSON.parse(text), bytes: Buffer.byteLength(text) };
}

function check(this: unknown, key: string, value: unknown): unknown {
  const problem = problemOf(value, Array.isArray(this)) ?? (isStorable(key) ? null : 'is not text in its name');
  if (problem !== null) throw new TypeError(key === '' ? `it ${problem}` : `${JSON.stringify(key)} ${problem}`);
  return value;
}

function problemOf(value: unknown, inArray: boolean): string | null {
  switch (typeof value) {
    case 'string':
      return isStorable(value) ? null : 'holds NUL or half a character, which PostgreSQL cannot store';
    case 'number':
      return Number.isFinite(value) ? null : `is ${value}, and no JSON`;
    case 'undefined':
      return inArray ? 'is undefined, and no JSON' : null;
    case 'object':
      return value === null || Array.isArray(value) || isPlain(value) ? null : `is a ${nameOf(value)}, and no JSON`;
    case 'boolean':
      return null;
    case 'bigint':
    case 'function':
    case 'symbol':
      return `is a ${typeof value}, and no JSON`;
  }
}

const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

/** By the prototype's own: an object of another realm is as plain as one of ours. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

const nameOf = (value: object): string => value.constructor?.name || 'class';
