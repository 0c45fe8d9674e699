import { DELIVERY_SCHEMA_NAME, deliverySchema, type Delivery } from '@hookline/contracts';
import avro, { type Type } from 'avsc';
import { boundedMaps } from './bounded-maps.ts';
import { PREFIX_BYTES, writeSchemaId } from './wire-format.ts';

/** What a record of the log turned out to be. */
export type Decoded =
  | { success: true; kind: typeof DELIVERY_SCHEMA_NAME; delivery: Delivery }
  | { success: false; reason: 'UNDECODABLE'; detail: string };

/** Decodes the values that one registered schema wrote. */
export type Decoder = (value: Buffer) => Decoded;

export function undecodable(detail: string): Decoded {
  return { success: false, reason: 'UNDECODABLE', detail };
}

const deliveryType = avro.Type.forSchema(structuredClone<object>(deliverySchema) as avro.Schema, {
  typeHook: boundedMaps,
});

/** Room for all fields but the body; a delivery that needs more is measured and encoded once more. */
const USUAL_FIELD_BYTES = 4 * 1024;

/** A record's value: prefix and Avro bytes in one buffer, so that a body of 25 MB is copied once. */
export function encodeDelivery(schemaId: number, delivery: Delivery): Buffer {
  let value = Buffer.allocUnsafe(PREFIX_BYTES + USUAL_FIELD_BYTES + delivery.body.length);
  let end = deliveryType.encode(delivery, value, PREFIX_BYTES);
  if (end < 0) {
    value = Buffer.allocUnsafe(value.length - end);
    end = deliveryType.encode(delivery, value, PREFIX_BYTES);
  }
  writeSchemaId(value, schemaId);
  return value.subarray(0, end);
}

/**
 * The decoder for what a registered schema wrote, made once per schema id. It reads into our own version of the
 * schema, older and newer writers alike (FULL_TRANSITIVE makes that possible), and never throws.
 */
export function createDecoder(schemaId: number, writerSchema: avro.Schema): Decoder {
  const writer = avro.Type.forSchema(writerSchema, { typeHook: boundedMaps });
  if (writer.name !== DELIVERY_SCHEMA_NAME) {
    const detail = `Schema ${schemaId} is ${writer.name ?? writer.typeName}, not ${DELIVERY_SCHEMA_NAME}.`;
    return () => undecodable(detail);
  }
  const read = reader(writer);
  return (value) => {
    try {
      return { success: true, kind: DELIVERY_SCHEMA_NAME, delivery: read(value.subarray(PREFIX_BYTES)) };
    } catch (error) {
      return undecodable(`The bytes are not what schema ${schemaId} writes: ${(error as Error).message}.`);
    }
  };
}

function reader(writer: Type): (bytes: Buffer) => Delivery {
  if (writer.fingerprint().equals(deliveryType.fingerprint())) {
    return (bytes) => deliveryType.fromBuffer(bytes) as Delivery;
  }
  const resolver = deliveryType.createResolver(writer);
  return (bytes) => deliveryType.fromBuffer(bytes, resolver) as Delivery;
}
