import { describe, expect, it } from '@jest/globals';
import { CONTROL_SCHEMA_NAME, controlSchema, deliverySchema, type Control } from '@hookline/contracts';
import avro, { type Schema } from 'avsc';
import fc from 'fast-check';
import { refusesDamage } from '../testing/refuses-damage.ts';
import { sampleControl } from '../testing/sample-control.ts';
import { encodeControl } from './control-codec.ts';
import { createDecoder, type Decoder } from './decoder.ts';
import { PREFIX_BYTES, readSchemaId } from './wire-format.ts';

const schema = (change: (fields: { name: string }[]) => object[] = (fields) => fields, extra: object = {}) =>
  ({ ...controlSchema, fields: change([...controlSchema.fields]), ...extra }) as unknown as Schema;

const decode = createDecoder(7, schema());
const written = (writer: Schema, record: object) =>
  Buffer.concat([Buffer.alloc(PREFIX_BYTES), avro.Type.forSchema(writer).toBuffer(record)]);

function controlOf(value: Buffer, decoder: Decoder = decode): Control {
  const decoded = decoder(value);
  if (!decoded.success) throw new Error(decoded.detail);
  if (decoded.kind !== CONTROL_SCHEMA_NAME) throw new Error(decoded.kind);
  return { ...decoded.control };
}

describe('a control record as a record value', () => {
  it('comes back as it was, in Confluent framing', () => {
    const value = encodeControl(7, sampleControl());
    expect(readSchemaId(value)).toEqual({ success: true, schemaId: 7, value });
    expect(controlOf(value)).toEqual(sampleControl());
  });

  it('comes back whatever is in it', () => {
    const text = fc.string({ unit: 'binary' });
    const nullable = fc.option(text);
    const int = fc.option(fc.integer());
    const control: fc.Arbitrary<Control> = fc.record({
      commandId: text,
      command: text,
      actor: text,
      why: text,
      issuedAt: fc.nat({ max: 2 ** 48 }),
      orderingKey: nullable,
      state: text,
      incarnation: int,
      offset: nullable,
      generation: int,
      handlers: fc.array(text),
      digest: fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes))),
      dedupScope: nullable,
      event: nullable,
      effectId: nullable,
    });
    fc.assert(fc.property(control, (one) => expect(controlOf(encodeControl(7, one))).toEqual(one)));
  });

  it('refuses to encode what is no control record', () => {
    expect(() => encodeControl(7, sampleControl({ digest: Buffer.alloc(31) }))).toThrow('invalid');
  });
});

describe('a control record that another version of the schema wrote', () => {
  it('takes the default of a field that an older writer did not have', () => {
    const older = schema((fields) => fields.filter(({ name }) => name !== 'handlers' && name !== 'event'));
    const { handlers: _, event: __, ...rest } = sampleControl();
    expect(controlOf(written(older, rest), createDecoder(3, older))).toEqual({ ...rest, handlers: [], event: null });
  });

  it('leaves out a field that it does not know yet, an array too', () => {
    const newer = schema((fields) => [
      { name: 'tags', type: { type: 'array', items: 'long' }, default: [] },
      ...fields,
    ]);
    const value = written(newer, { ...sampleControl(), tags: [1, 2] });
    expect(controlOf(value, createDecoder(4, newer))).toEqual(sampleControl());
  });

  // What a newer tool can say, an older processor must be able to refuse by name.
  it('reads a command that it does not know', () => {
    expect(controlOf(encodeControl(7, sampleControl({ command: 'freeze' })))).toMatchObject({ command: 'freeze' });
  });
});

describe('the kind of a record', () => {
  it('is the full name of its schema, and no field or resemblance', () => {
    const named = (extra: object) => createDecoder(5, schema(undefined, extra))(encodeControl(5, sampleControl()));
    expect(named({})).toMatchObject({ success: true, kind: 'hookline.Control' });
    expect(named({ name: 'Order' })).toMatchObject({
      success: false,
      detail: expect.stringContaining('hookline.Order'),
    });
    expect(named({ namespace: 'other' })).toMatchObject({
      success: false,
      detail: expect.stringContaining('other.Control'),
    });
    // What has the fields of a control record under the name of deliveries is taken for a delivery that cannot be one.
    const fake = { ...deliverySchema, fields: [...controlSchema.fields] } as unknown as Schema;
    expect(() => createDecoder(6, fake)).toThrow('hookline.Delivery.source');
  });
});

describe('bytes that are no control record', () => {
  const value = encodeControl(7, sampleControl());

  refusesDamage(value, decode);

  it('are undecodable at once where an array claims more entries than there are bytes', () => {
    // Of avsc alone this one would take days: see bounded-collections.ts.
    const lie = avro.Type.forSchema('long').toBuffer(2 ** 31);
    const array = Buffer.concat([Buffer.from([4, 14]), Buffer.from('welcome')]);
    const at = value.indexOf(array);
    const damaged = Buffer.concat([value.subarray(0, at), lie, value.subarray(at + 1)]);
    expect(decode(damaged)).toMatchObject({ detail: expect.stringContaining('an array claims 2147483648 entries') });
  });

  it('are undecodable at once where an array that is left out lies, or says that it is smaller than nothing', () => {
    const newer = schema((fields) => [
      { name: 'tags', type: { type: 'array', items: 'long' }, default: [] },
      ...fields,
    ]);
    const reader = createDecoder(4, newer);
    const long = (count: number) => avro.Type.forSchema('long').toBuffer(count);
    const empty = written(newer, { ...sampleControl(), tags: [] });
    const withTags = (...bytes: Buffer[]) =>
      Buffer.concat([empty.subarray(0, PREFIX_BYTES), ...bytes, empty.subarray(PREFIX_BYTES + 1)]);
    expect(reader(withTags(long(2 ** 31)))).toMatchObject({ detail: expect.stringContaining('an array claims') });
    // Whoever goes back by the size of a block that he skips would read it for ever.
    const backwards = [long(-1), long(-2)];
    expect(reader(withTags(...backwards)).success).toBe(false);
    expect(controlOf(withTags(long(-1), long(1), long(5), long(0)), reader)).toEqual(sampleControl());
  });
});
