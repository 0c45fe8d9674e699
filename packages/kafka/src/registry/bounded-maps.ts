import avro, { type Schema, type Type } from 'avsc';

/** The part of avsc's cursor over the bytes that a map's reader needs. */
interface Tap {
  readonly buf: Buffer;
  pos: number;
  readLong(): number;
  skipLong(): void;
  readString(): string;
  skipString(): void;
}

interface ValuesType {
  _read(tap: Tap): unknown;
  _skip(tap: Tap): void;
}

const MapType = avro.types.MapType as unknown as new (schema: Schema, options: object) => { valuesType: ValuesType };

/**
 * avsc reads as many entries as a map claims to have before it looks whether the bytes were there: one damaged count
 * (2^50 of a record of 20 bytes) would keep the process busy for days. Each entry takes a byte at least, so that a
 * larger count is a lie.
 */
class BoundedMap extends MapType {
  _read(tap: Tap): Record<string, unknown> {
    const entries: [string, unknown][] = [];
    for (let count = entryCount(tap); count > 0; count = entryCount(tap)) {
      for (; count > 0; count--) entries.push([tap.readString(), this.valuesType._read(tap)]);
    }
    // Not by assignment, which would lose a header called `__proto__`.
    return Object.fromEntries(entries);
  }

  _skip(tap: Tap): void {
    for (let count = entryCount(tap); count > 0; count = entryCount(tap)) {
      for (; count > 0; count--) {
        tap.skipString();
        this.valuesType._skip(tap);
      }
    }
  }
}

function entryCount(tap: Tap): number {
  let count = tap.readLong();
  if (count < 0) {
    // A negative count is followed by the block's size in bytes, for readers that skip it whole.
    count = -count;
    tap.skipLong();
  }
  const left = Math.max(tap.buf.length - tap.pos, 0);
  if (count > left) throw new RangeError(`a map claims ${count} entries in ${left} bytes`);
  return count;
}

/** avsc's `typeHook` that makes every map of a schema a bounded one. */
export function boundedMaps(schema: Schema | string, options: object): Type | undefined {
  const isMap = typeof schema === 'object' && 'type' in schema && schema.type === 'map';
  return isMap ? (new BoundedMap(schema, options) as unknown as Type) : undefined;
}
