/**
 * Controls, and what turns the direction of text: written to a terminal they could hide or forge what is around them, and
 * some of what we show was written by strangers.
 */
const UNPRINTABLE = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** For a cell or a line: whitespace is one space, other controls are shown by their number. */
export function oneLine(text: string, longest = Number.POSITIVE_INFINITY): string {
  const line = text.replaceAll(/\s+/g, ' ').trim().replaceAll(UNPRINTABLE, escaped);
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}

/** For text of several lines, which stay. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) => (/[\n\t]/.test(character) ? character : escaped(character)));
}
