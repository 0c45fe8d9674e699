const AMPERSAND = 0x26;
const EQUALS = 0x3d;
const PLUS = 0x2b;
const PERCENT = 0x25;
const SPACE = 0x20;

/**
 * The decoded values of one field of an `application/x-www-form-urlencoded` body, as bytes: a digest is taken of
 * them, so that no detour by text may change them. An escape that is none stays as it is, as the URL Standard says.
 *
 * @see https://url.spec.whatwg.org/#urlencoded-parsing
 */
export function formField(body: Buffer, name: string): Buffer[] {
  const values: Buffer[] = [];
  for (let start = 0; start <= body.length;) {
    const found = body.indexOf(AMPERSAND, start);
    const end = found === -1 ? body.length : found;
    const pair = body.subarray(start, end);
    const equals = pair.indexOf(EQUALS);
    const fieldName = equals === -1 ? pair : pair.subarray(0, equals);
    if (pair.length > 0 && decode(fieldName).toString('utf8') === name) {
      values.push(equals === -1 ? Buffer.alloc(0) : decode(pair.subarray(equals + 1)));
    }
    start = end + 1;
  }
  return values;
}

function decode(encoded: Buffer): Buffer {
  const decoded = Buffer.allocUnsafe(encoded.length);
  let length = 0;
  for (let i = 0; i < encoded.length; i++) {
    let byte = encoded[i] as number;
    if (byte === PLUS) byte = SPACE;
    else if (byte === PERCENT) {
      const high = hexDigit(encoded[i + 1]);
      const low = hexDigit(encoded[i + 2]);
      if (high !== -1 && low !== -1) {
        byte = high * 16 + low;
        i += 2;
      }
    }
    decoded[length++] = byte;
  }
  return decoded.subarray(0, length);
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}
