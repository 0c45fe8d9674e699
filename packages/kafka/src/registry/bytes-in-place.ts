import avro, { type Schema, type Type } from 'avsc';

/** The part of avsc's cursor over the bytes that this reader needs. */
interface Tap {
  readonly buf: Buffer;
  pos: number;
  readLong(): number;
}

const BytesType = avro.types.BytesType as unknown as new () => object;

/**
 * avsc makes a buffer for each value of the type `bytes`, filled with zeros before it is copied into: for a body of 7 kB
 * that takes longer than decoding all the rest of a delivery. Read like this, a body is a part of the record's bytes, and
 * keeps them in memory as long as it is held itself. Digests (`fixed`) are held for longer: those are copied as ever.
 */
class BytesInPlace extends BytesType {
  _read(tap: Tap): Buffer {
    const length = tap.readLong();
    const start = tap.pos;
    const left = Math.max(tap.buf.length - start, 0);
    if (length < 0 || length > left)
      throw new RangeError(`truncated buffer: ${length} bytes claimed where ${left} are left`);
    tap.pos = start + length;
    return tap.buf.subarray(start, tap.pos);
  }
}

/** avsc's `typeHook` that makes every `bytes` of a schema one that is read in place. */
export function bytesInPlace(schema: Schema | string): Type | undefined {
  return schema === 'bytes' ? (new BytesInPlace() as unknown as Type) : undefined;
}
