import { deliverySchema, type Delivery } from '@hookline/contracts';
import avro from 'avsc';
import { typeHook } from './type-hook.ts';
import { PREFIX_BYTES, writeSchemaId } from './wire-format.ts';

/** Our own version of the schema of deliveries. */
export const deliveryType = avro.Type.forSchema(structuredClone<object>(deliverySchema) as avro.Schema, {
  typeHook,
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
