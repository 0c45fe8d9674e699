import { describe, expect, it } from '@jest/globals';
import avro, { type Schema, type Type } from 'avsc';
import fc from 'fast-check';
import { DELIVERY_SCHEMA_NAME, deliverySchema, type Delivery } from './envelope.ts';
import * as contracts from './index.ts';

const delivery: fc.Arbitrary<Delivery> = fc.record({
  source: fc.string(),
  dedupScope: fc.string(),
  guid: fc.uuid(),
  digest: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
  event: fc.string(),
  action: fc.option(fc.string({ unit: 'grapheme' })),
  repositoryId: fc.option(fc.bigInt({ min: 1n, max: 2n ** 64n }).map(String)),
  hookId: fc.option(fc.nat().map(String)),
  receivedAt: fc.integer({ min: 0, max: 8_640_000_000_000_000 }),
  // Names of HTTP headers: Avro would take any text, but avsc sets a key like __proto__ on the prototype.
  headers: fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9-]{0,40}$/), fc.string({ unit: 'grapheme' }), {
    noNullPrototype: true,
  }),
  secretLabel: fc.string(),
  eventProblem: fc.option(fc.string()),
  body: fc.uint8Array({ maxLength: 4096 }).map((bytes) => Buffer.from(bytes)),
});

function typeOf(schema: object): Type {
  return avro.Type.forSchema(structuredClone(schema) as Schema);
}

const current = typeOf(deliverySchema);

/** The schema as a later release may have it: the one change that FULL_TRANSITIVE allows. */
function withField(field: object): Type {
  return typeOf({ ...deliverySchema, fields: [...deliverySchema.fields, field] });
}

function reads(reader: Type, writer: Type, bytes: Buffer): unknown {
  return reader.fromBuffer(bytes, reader.createResolver(writer));
}

describe('the envelope', () => {
  it('is a valid Avro schema whose full name is the kind of the record', () => {
    expect(current.name).toBe(DELIVERY_SCHEMA_NAME);
  });

  it('brings back what was put in, byte for byte', () => {
    fc.assert(
      fc.property(delivery, (sent) => {
        expect(current.fromBuffer(current.toBuffer(sent))).toEqual(sent);
      }),
    );
  });

  it('has a schema field for each field of the type, and no other', () => {
    const [sample] = fc.sample(delivery, 1);
    expect(deliverySchema.fields.map(({ name }) => name).toSorted()).toEqual(Object.keys(sample ?? {}).toSorted());
  });

  it("has no place for GitHub's signature: who reads the topic must not hold what can be posted again", () => {
    expect(
      deliverySchema.fields.map(({ name }) => name.toLowerCase()).filter((name) => /sign|hmac/.test(name)),
    ).toEqual([]);
  });

  it('refuses a digest that is not 32 bytes: identities of two lengths would never meet', () => {
    const [sent] = fc.sample(delivery, 1);
    expect(() => current.toBuffer({ ...sent, digest: Buffer.alloc(20) })).toThrow(/digest|Sha256/);
  });
});

describe('an envelope of a later release', () => {
  const later = withField({ name: 'deploymentId', type: ['null', 'string'], default: null });

  it('is read by this release, which ignores what it does not know', () => {
    fc.assert(
      fc.property(delivery, (sent) => {
        expect(reads(current, later, later.toBuffer({ ...sent, deploymentId: '9' }))).toEqual(sent);
      }),
    );
  });

  it('reads what this release wrote, with the default for what it lacks', () => {
    fc.assert(
      fc.property(delivery, (sent) => {
        expect(reads(later, current, current.toBuffer(sent))).toEqual({ ...sent, deploymentId: null });
      }),
    );
  });

  it('could not read it if the new field had no default: that is the rule for changes', () => {
    const broken = withField({ name: 'deploymentId', type: 'string' });
    expect(() => broken.createResolver(current)).toThrow(/deploymentId/);
  });
});

describe('the package', () => {
  it('exports each contract once', () => {
    expect(contracts.RECORD_HEADERS).toEqual({
      guid: 'guid',
      event: 'event',
      source: 'source',
      traceparent: 'traceparent',
    });
    expect(contracts.RECORD_DECISIONS).toEqual([
      'processed',
      'duplicate',
      'ignored',
      'parked',
      'reset',
      'held',
      'discarded',
      'reread',
      'dead-lettered',
      'applied',
      'refused',
    ]);
    expect(contracts.DEFAULT_TOPIC).toBe('github.deliveries');
    expect(contracts.DEFAULT_PARTITIONS).toBe(24);
  });
});
