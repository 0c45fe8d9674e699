import { describe, expect, it } from '@jest/globals';
import { DELIVERY_SCHEMA_NAME, deliverySchema, type Delivery } from '@hookline/contracts';
import avro, { type Schema } from 'avsc';
import fc from 'fast-check';
import { refusesDamage } from '../testing/refuses-damage.ts';
import { sampleDelivery } from '../testing/sample-delivery.ts';
import { createDecoder } from './decoder.ts';
import { encodeDelivery } from './delivery-codec.ts';
import { PREFIX_BYTES, readSchemaId } from './wire-format.ts';

const schema = (change: (fields: { name: string }[]) => object[] = (fields) => fields, extra: object = {}) =>
  ({ ...deliverySchema, fields: change([...deliverySchema.fields]), ...extra }) as unknown as Schema;

const decode = createDecoder(7, schema());

function deliveryOf(value: Buffer, decoder = decode): Delivery {
  const decoded = decoder(value);
  if (!decoded.success) throw new Error(decoded.detail);
  if (decoded.kind !== DELIVERY_SCHEMA_NAME) throw new Error(decoded.kind);
  return decoded.delivery;
}

describe('a delivery as a record value', () => {
  it('comes back as it was, in Confluent framing', () => {
    const value = encodeDelivery(7, sampleDelivery());
    expect(readSchemaId(value)).toEqual({ success: true, schemaId: 7, value });
    expect({ ...deliveryOf(value) }).toEqual(sampleDelivery());
  });

  it('comes back whatever is in it', () => {
    const text = fc.string({ unit: 'binary' });
    const nullable = fc.option(text);
    const delivery: fc.Arbitrary<Delivery> = fc.record({
      source: text,
      dedupScope: text,
      guid: text,
      digest: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
      event: text,
      action: nullable,
      repositoryId: nullable,
      hookId: nullable,
      receivedAt: fc.nat({ max: 2 ** 48 }),
      headers: fc.dictionary(text, text, { noNullPrototype: true }),
      secretLabel: text,
      eventProblem: nullable,
      body: fc.uint8Array({ maxLength: 20_000 }).map((bytes) => Buffer.from(bytes)),
    });
    fc.assert(fc.property(delivery, (one) => expect({ ...deliveryOf(encodeDelivery(7, one)) }).toEqual(one)));
  });

  it('has the body where the record has it, and the digest for itself', () => {
    const value = encodeDelivery(7, sampleDelivery());
    const { body, digest } = deliveryOf(value);
    expect(body.buffer).toBe(value.buffer);
    expect(digest.buffer).not.toBe(value.buffer);
  });

  it('has room for headers larger than usual', () => {
    const one = sampleDelivery({ headers: { 'x-large': 'x'.repeat(100_000) } });
    expect({ ...deliveryOf(encodeDelivery(7, one)) }).toEqual(one);
  });

  it('refuses to encode what is not a delivery', () => {
    expect(() => encodeDelivery(7, sampleDelivery({ digest: Buffer.alloc(31) }))).toThrow('hookline.Sha256');
  });
});

describe('a delivery that another version of the schema wrote', () => {
  it('takes the default of a field that an older writer did not have', () => {
    const older = schema((fields) => fields.filter(({ name }) => name !== 'hookId'));
    const { hookId: _, ...rest } = sampleDelivery();
    const value = Buffer.concat([Buffer.alloc(PREFIX_BYTES), avro.Type.forSchema(older).toBuffer(rest)]);
    expect({ ...deliveryOf(value, createDecoder(3, older)) }).toEqual({ ...rest, hookId: null });
  });

  it('leaves out fields that it does not know yet, a map and an array too', () => {
    const tags = { name: 'tags', type: { type: 'map', values: 'long' }, default: {} };
    const list = { name: 'list', type: { type: 'array', items: 'long' }, default: [] };
    const newer = schema((fields) => [tags, list, ...fields]);
    const value = Buffer.concat([
      Buffer.alloc(PREFIX_BYTES),
      avro.Type.forSchema(newer).toBuffer({ ...sampleDelivery(), tags: { a: 1, b: 2 }, list: [1, 2] }),
    ]);
    expect({ ...deliveryOf(value, createDecoder(4, newer)) }).toEqual(sampleDelivery());
  });

  it('is undecodable where the schema is of something else', () => {
    const detail = 'Schema 5 is hookline.Command, neither hookline.Delivery nor hookline.Control.';
    expect(createDecoder(5, schema(undefined, { name: 'Command' }))(Buffer.alloc(9))).toMatchObject({ detail });
    expect(createDecoder(6, 'string')(Buffer.alloc(9))).toMatchObject({
      reason: 'UNDECODABLE',
      detail: 'Schema 6 is string, neither hookline.Delivery nor hookline.Control.',
    });
  });
});

describe('bytes that are not a delivery', () => {
  refusesDamage(encodeDelivery(7, sampleDelivery()), decode);

  it('are undecodable at once where a map claims more entries than there are bytes', () => {
    // Of avsc alone this one would take days: see bounded-collections.ts.
    const lie = avro.Type.forSchema('long').toBuffer(2 ** 50);
    const liar = sampleDelivery({ headers: {} });
    const bytes = encodeDelivery(7, liar);
    const at = bytes.lastIndexOf(Buffer.concat([Buffer.from([0, 14]), Buffer.from('current')]));
    const damaged = Buffer.concat([bytes.subarray(0, at), lie, bytes.subarray(at + 1)]);
    expect(decode(damaged)).toMatchObject({ detail: expect.stringContaining('a map claims 1125899906842624 entries') });
  });

  it('reads map blocks that carry their size, as other languages write them', () => {
    const bytes = encodeDelivery(7, sampleDelivery({ headers: { a: 'b' } }));
    const map = Buffer.from([2, 2, 97, 2, 98, 0]);
    const at = bytes.indexOf(map);
    const sized = Buffer.from([1, 8, 2, 97, 2, 98, 0]);
    const other = Buffer.concat([bytes.subarray(0, at), sized, bytes.subarray(at + map.length)]);
    expect(deliveryOf(other).headers).toEqual({ a: 'b' });
  });
});
