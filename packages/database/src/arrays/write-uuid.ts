const BYTES = 16;
/** Where the two digits of each byte are: groups of 8, 4, 4, 4 and 12, with a hyphen between. */
const DIGITS = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const HYPHENS = [8, 13, 18, 23];
const HYPHEN = 0x2d;
const NO_DIGIT = 0xff;

const VALUES = new Uint8Array(128).fill(NO_DIGIT);
for (let value = 0; value < 16; value++) {
  VALUES[value.toString(16).charCodeAt(0)] = value;
  VALUES[value.toString(16).toUpperCase().charCodeAt(0)] = value;
}

/**
 * Writes the 16 bytes of a UUID in its usual spelling, in either case.
 *
 * @throws {RangeError} on anything else: bytes that were guessed would be another identity
 */
export function writeUuid(into: Buffer, uuid: string, at: number): number {
  let isUuid = uuid.length === 36 && HYPHENS.every((hyphen) => uuid.charCodeAt(hyphen) === HYPHEN);
  for (let n = 0; n < BYTES; n++) {
    const digit = DIGITS[n] as number;
    const high = VALUES[uuid.charCodeAt(digit)] ?? NO_DIGIT;
    const low = VALUES[uuid.charCodeAt(digit + 1)] ?? NO_DIGIT;
    isUuid &&= high !== NO_DIGIT && low !== NO_DIGIT;
    into[at + n] = (high << 4) | low;
  }
  if (!isUuid) throw new RangeError(`${JSON.stringify(uuid)} is no UUID.`);
  return BYTES;
}
