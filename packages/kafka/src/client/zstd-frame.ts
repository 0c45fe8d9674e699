const MAGIC = 0xfd2fb528;
const SINGLE_SEGMENT = 0b0010_0000;

/** Bytes of the dictionary's id, by the two lowest bits of the descriptor. */
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;

/**
 * How many bytes a zstd frame says that it holds; undefined where it does not say, or is none. Decompressing fails where
 * it holds others.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1.1
 */
export function contentSize(frame: Buffer): number | undefined {
  if (frame.length < 6 || frame.readUInt32LE(0) !== MAGIC) return undefined;
  const descriptor = frame.readUInt8(4);
  const isSingle = (descriptor & SINGLE_SEGMENT) !== 0;
  const window = isSingle ? 0 : 1;
  const at = 5 + window + DICTIONARY_ID_BYTES[(descriptor & 0b11) as 0 | 1 | 2 | 3];
  const flag = descriptor >> 6;
  const bytes = flag === 0 ? (isSingle ? 1 : 0) : 2 ** flag;
  if (bytes === 0 || frame.length < at + bytes) return undefined;
  if (bytes === 1) return frame.readUInt8(at);
  if (bytes === 2) return frame.readUInt16LE(at) + 256;
  if (bytes === 4) return frame.readUInt32LE(at);
  return Number(frame.readBigUInt64LE(at));
}
