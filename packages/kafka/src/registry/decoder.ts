import { CONTROL_SCHEMA_NAME, DELIVERY_SCHEMA_NAME, type Control, type Delivery } from '@hookline/contracts';
import avro, { type Type } from 'avsc';
import { typeHook } from './type-hook.ts';
import { controlType } from './control-codec.ts';
import { deliveryType } from './delivery-codec.ts';
import { PREFIX_BYTES } from './wire-format.ts';

/** What a record of the log turned out to be. Its kind is the full name of the schema that wrote it. */
export type Decoded =
  | { success: true; kind: typeof DELIVERY_SCHEMA_NAME; delivery: Delivery }
  | { success: true; kind: typeof CONTROL_SCHEMA_NAME; control: Control }
  | { success: false; reason: 'UNDECODABLE'; detail: string };

/** Decodes the values that one registered schema wrote. */
export type Decoder = (value: Buffer) => Decoded;

export function undecodable(detail: string): Decoded {
  return { success: false, reason: 'UNDECODABLE', detail };
}

/**
 * The decoder for what a registered schema wrote, made once per schema id. It reads into our own version of the
 * schema, older and newer writers alike (FULL_TRANSITIVE makes that possible), and never throws.
 */
export function createDecoder(schemaId: number, writerSchema: avro.Schema): Decoder {
  const writer = avro.Type.forSchema(writerSchema, { typeHook });
  const read = readerOf(writer);
  if (read === null) {
    const found = writer.name ?? writer.typeName;
    const detail = `Schema ${schemaId} is ${found}, neither ${DELIVERY_SCHEMA_NAME} nor ${CONTROL_SCHEMA_NAME}.`;
    return () => undecodable(detail);
  }
  return (value) => {
    try {
      return read(value.subarray(PREFIX_BYTES));
    } catch (error) {
      return undecodable(`The bytes are not what schema ${schemaId} writes: ${(error as Error).message}.`);
    }
  };
}

/** Throws of the reader say that the bytes are damaged. Null: of neither kind. */
function readerOf(writer: Type): ((bytes: Buffer) => Decoded) | null {
  if (writer.name === DELIVERY_SCHEMA_NAME) {
    const read = reader<Delivery>(deliveryType, writer);
    return (bytes) => ({ success: true, kind: DELIVERY_SCHEMA_NAME, delivery: read(bytes) });
  }
  if (writer.name === CONTROL_SCHEMA_NAME) {
    const read = reader<Control>(controlType, writer);
    return (bytes) => ({ success: true, kind: CONTROL_SCHEMA_NAME, control: read(bytes) });
  }
  return null;
}

function reader<T>(own: Type, writer: Type): (bytes: Buffer) => T {
  if (writer.fingerprint().equals(own.fingerprint())) return (bytes) => own.fromBuffer(bytes) as T;
  const resolver = own.createResolver(writer);
  return (bytes) => own.fromBuffer(bytes, resolver) as T;
}
