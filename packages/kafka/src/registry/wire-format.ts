/** Confluent's framing: a zero byte, the schema's id as a big-endian int32, then the Avro bytes. */
export const PREFIX_BYTES = 5;

const MAGIC_BYTE = 0;

/** A framed value and the id in it, or why it is not one. */
export type Prefix = { success: true; schemaId: number; value: Buffer } | { success: false; detail: string };

export function writeSchemaId(value: Buffer, schemaId: number): void {
  value.writeUInt8(MAGIC_BYTE, 0);
  value.writeInt32BE(schemaId, 1);
}

export function readSchemaId(value: Buffer | null): Prefix {
  if (value === null) return { success: false, detail: 'The record has no value.' };
  if (value.length < PREFIX_BYTES) {
    return { success: false, detail: `The value has ${value.length} bytes, too few for a schema id.` };
  }
  const magic = value.readUInt8(0);
  if (magic !== MAGIC_BYTE) {
    return { success: false, detail: `The value begins with byte ${magic} instead of ${MAGIC_BYTE}.` };
  }
  return { success: true, schemaId: value.readInt32BE(1), value };
}

/** The same value as of another schema's id: of the same schema under another subject. */
export function withSchemaId(value: Buffer, schemaId: number): Buffer {
  if (value.readInt32BE(1) === schemaId) return value;
  const other = Buffer.from(value);
  writeSchemaId(other, schemaId);
  return other;
}
