const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/**
 * The number at `<owner>.id` as the text has it, digit for digit, by owner; the last one where a key is repeated, as
 * in JSON.parse. JSON.parse tells them to a reviver too, but then calls itself for every level of the text: a deep
 * payload overflows the call stack. This reads any depth, in one pass.
 *
 * @param text a JSON object, which JSON.parse has accepted
 * @param within name of the object in it whose owners are meant; default: the whole of it
 */
export function exactIds(text: string, within?: string): Map<string, string> {
  const ids = new Map<string, string>();
  const base = within === undefined ? 0 : 1;
  let isWithin = within === undefined;
  let depth = 0;
  let owner: string | undefined;
  for (let at = 0; at < text.length;) {
    const char = text.charCodeAt(at);
    if (char !== QUOTE) {
      if (char === OPEN_BRACE || char === OPEN_BRACKET) depth++;
      else if (char === CLOSE_BRACE || char === CLOSE_BRACKET) depth--;
      at++;
      continue;
    }
    const start = at;
    at = endOfString(text, start);
    if (depth > base + 2) continue;
    const colon = skipSpace(text, at);
    // Only a key is followed by a colon: at depth 1 a key of the payload, below that one of the object under it.
    if (text.charCodeAt(colon) !== COLON) continue;
    const key = JSON.parse(text.slice(start, at)) as string;
    at = skipSpace(text, colon + 1);
    if (depth === base) {
      isWithin = key === within;
      owner = undefined;
      if (isWithin) ids.clear();
    } else if (!isWithin) {
      continue;
    } else if (depth === base + 1) {
      owner = key;
      ids.delete(owner);
    } else if (key === 'id' && owner !== undefined) {
      const end = endOfNumber(text, at);
      if (end === at) ids.delete(owner);
      else ids.set(owner, text.slice(at, end));
    }
  }
  return ids;
}

/** The place after the quote that closes a string. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (;;) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) return at + 1;
    at += char === BACKSLASH ? 2 : 1;
  }
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (text.charCodeAt(at) <= 0x20) at++;
  return at;
}

/** The place after a number, or where it starts if no number does. */
function endOfNumber(text: string, start: number): number {
  let at = start;
  while (IN_NUMBERS.has(text.charAt(at))) at++;
  return at;
}

const IN_NUMBERS = new Set('-+.0123456789eE');
