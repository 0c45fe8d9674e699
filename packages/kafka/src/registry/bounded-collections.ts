import avro, { type Schema, type Type } from 'avsc';

/** The part of avsc's cursor over the bytes that these readers need. */
interface Tap {
  readonly buf: Buffer;
  pos: number;
  readLong(): number;
  skipLong(): void;
  readString(): string;
  skipString(): void;
}

interface EntryType {
  _read(tap: Tap): unknown;
  _skip(tap: Tap): void;
}

type TypeClass<T> = new (schema: Schema, options: object) => T;

const MapType = avro.types.MapType as unknown as TypeClass<{ valuesType: EntryType }>;
const ArrayType = avro.types.ArrayType as unknown as TypeClass<{ itemsType: EntryType }>;

/**
 * avsc reads as many entries as a map or an array claims to have before it looks whether the bytes were there: one
 * damaged count (2^50 of a record of 20 bytes) would keep the process busy for days. Each entry takes a byte at least
 * (we have no arrays of what takes none), so that a larger count is a lie.
 */
class BoundedMap extends MapType {
  _read(tap: Tap): Record<string, unknown> {
    const entries: Record<string, unknown> = {};
    forEachEntry(tap, 'a map', () => {
      const name = tap.readString();
      setOwn(entries, name, this.valuesType._read(tap));
    });
    return entries;
  }

  _skip(tap: Tap): void {
    forEachEntry(tap, 'a map', () => {
      tap.skipString();
      this.valuesType._skip(tap);
    });
  }
}

/** An assignment would lose a header called `__proto__`. */
function setOwn(entries: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') entries[name] = value;
  else Object.defineProperty(entries, name, { value, enumerable: true, configurable: true, writable: true });
}

class BoundedArray extends ArrayType {
  _read(tap: Tap): unknown[] {
    const items: unknown[] = [];
    forEachEntry(tap, 'an array', () => items.push(this.itemsType._read(tap)));
    return items;
  }

  _skip(tap: Tap): void {
    forEachEntry(tap, 'an array', () => this.itemsType._skip(tap));
  }
}

function forEachEntry(tap: Tap, what: string, take: () => void): void {
  for (let count = entryCount(tap, what); count > 0; count = entryCount(tap, what)) {
    for (; count > 0; count--) take();
  }
}

function entryCount(tap: Tap, what: string): number {
  let count = tap.readLong();
  if (count < 0) {
    // A negative count is followed by the block's size in bytes, for readers that skip it whole.
    count = -count;
    tap.skipLong();
  }
  const left = Math.max(tap.buf.length - tap.pos, 0);
  if (count > left) throw new RangeError(`${what} claims ${count} entries in ${left} bytes`);
  return count;
}

/** avsc's `typeHook` that makes every map and every array of a schema a bounded one. */
export function boundedCollections(schema: Schema | string, options: object): Type | undefined {
  if (typeof schema !== 'object' || !('type' in schema)) return undefined;
  if (schema.type === 'map') return new BoundedMap(schema, options) as unknown as Type;
  return schema.type === 'array' ? (new BoundedArray(schema, options) as unknown as Type) : undefined;
}
