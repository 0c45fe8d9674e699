import { controlSchema, type Control } from '@hookline/contracts';
import avro from 'avsc';
import { typeHook } from './type-hook.ts';
import { PREFIX_BYTES, writeSchemaId } from './wire-format.ts';

/** Our own version of the schema of control records. */
export const controlType = avro.Type.forSchema(structuredClone<object>(controlSchema) as avro.Schema, {
  typeHook,
});

/** A control record's value: prefix and Avro bytes. Throws a plain error on what is no control record. */
export function encodeControl(schemaId: number, control: Control): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  writeSchemaId(prefix, schemaId);
  return Buffer.concat([prefix, controlType.toBuffer(control)]);
}
