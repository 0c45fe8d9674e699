import { InvalidArgumentError } from 'commander';

/** The text, if it fits the pattern. @throws {InvalidArgumentError} which says what was wanted */
export function parse(text: string, pattern: RegExp, wanted: string): string {
  if (pattern.test(text)) return text;
  throw new InvalidArgumentError(`It must be ${wanted}.`);
}

/** A GUID of GitHub, or another UUID, in lower case. */
export function parseGuid(text: string, wanted = 'a GUID, as GitHub shows it'): string {
  return parse(text.toLowerCase(), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, wanted);
}
