import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { controlSchema, controlSubject, deliverySchema, deliverySubject } from '@hookline/contracts';
import { testStack, testTopic } from '@hookline/local-stack';
import { randomBytes } from 'node:crypto';
import { silent } from '../testing/open-log.ts';
import { json, page, startRegistryStandIn, type Answer, type RegistryStandIn } from '../testing/registry-stand-in.ts';
import { sampleControl } from '../testing/sample-control.ts';
import { sampleDelivery } from '../testing/sample-delivery.ts';
import { createSchemaRegistry } from './create-schema-registry.ts';
import { createRegistryClient } from './registry-client.ts';
import { encodeDelivery } from './delivery-codec.ts';

const newTopic = () => `test.${randomBytes(6).toString('hex')}`;
const delivery = sampleDelivery();
const NOT_FOUND = json(404, { error_code: 40403, message: 'Schema not found' });
let url: string;
let standIn: RegistryStandIn | undefined;

beforeAll(async () => {
  url = (await testStack()).registryUrl;
});

afterEach(async () => {
  await standIn?.stop();
  standIn = undefined;
});

const registry = (at: string, timeoutMs = 5_000, topic?: string) =>
  createSchemaRegistry({ url: at, timeoutMs, ...(topic && { topic }) }, silent);

async function misbehaving(answer: Answer, timeoutMs?: number, topic?: string) {
  standIn = await startRegistryStandIn(answer);
  return registry(standIn.url, timeoutMs, topic);
}

describe('the real registry', () => {
  it('registers once, looks up, and decodes what another process wrote', async () => {
    const topic = newTopic();
    const writer = registry(`${url}/`);
    const id = await writer.registerDeliverySchema(topic);
    expect(await writer.registerDeliverySchema(topic)).toBe(id);
    expect(await writer.deliverySchemaId(topic)).toBe(id);
    const value = writer.encodeDelivery(id, delivery);

    const reader = registry(url);
    expect(reader.decodeCached(value)).toBeUndefined();
    const decoded = { success: true, kind: 'hookline.Delivery', delivery };
    expect(await Promise.all([reader.decode(value), reader.decode(value)])).toEqual([decoded, decoded]);
    expect(reader.decodeCached(value)).toEqual(decoded);
    expect(await reader.decode(value)).toEqual(decoded);
  });

  it('does the same with control records, under a subject of their own', async () => {
    const topic = newTopic();
    const writer = registry(url);
    await expect(writer.controlSchemaId(topic)).rejects.toMatchObject({
      code: 'SCHEMA_UNKNOWN',
      message: expect.stringContaining(controlSubject(topic)),
    });
    const deliveries = await writer.registerDeliverySchema(topic);
    const id = await writer.registerControlSchema(topic);
    expect(await writer.registerControlSchema(topic)).toBe(id);
    expect(await writer.controlSchemaId(topic)).toBe(id);
    expect(await writer.deliverySchemaId(topic)).toBe(deliveries);
    expect(id).not.toBe(deliveries);

    const reader = registry(url);
    const value = writer.encodeControl(id, sampleControl());
    expect(reader.decodeCached(value)).toBeUndefined();
    const decoded = { success: true, kind: 'hookline.Control', control: sampleControl() };
    expect(await Promise.all([reader.decode(value), reader.decode(value)])).toEqual([decoded, decoded]);
    expect(reader.decodeCached(value)).toEqual(decoded);
    expect(await reader.decode(writer.encodeDelivery(deliveries, delivery))).toMatchObject({
      kind: 'hookline.Delivery',
    });
  });

  // An ingest of another rule than its topic's would give a repository two orders. Here is where it learns of it.
  it('tells topics of two key rules apart, and says which one a topic has', async () => {
    const topic = newTopic();
    const writer = registry(url);
    const id = await writer.registerDeliverySchema(topic, 'owner');
    expect(await writer.deliverySchemaId(topic, 'owner')).toBe(id);
    const mismatch = { code: 'TOPIC_MISMATCH', message: expect.stringContaining('Set HOOKLINE_KEY_RULE=owner') };
    await expect(writer.deliverySchemaId(topic)).rejects.toMatchObject(mismatch);
    await expect(writer.registerDeliverySchema(topic)).rejects.toMatchObject(mismatch);

    const value = writer.encodeDelivery(id, delivery);
    expect(await registry(url).decode(value)).toEqual({ success: true, kind: 'hookline.Delivery', delivery });
    // What follows a seal changes nothing of a record but the id before it.
    const byRepository = await writer.registerDeliverySchema(newTopic());
    expect(byRepository).not.toBe(id);
    expect(writer.encodeDelivery(byRepository, delivery).subarray(5)).toEqual(value.subarray(5));
  });

  it('does not register by looking up', async () => {
    const topic = newTopic();
    const lookUp = () => registry(url).deliverySchemaId(topic);
    await expect(lookUp()).rejects.toMatchObject({ code: 'SCHEMA_UNKNOWN', message: expect.stringContaining(topic) });
    await expect(lookUp()).rejects.toMatchObject({ code: 'SCHEMA_UNKNOWN' });
  });

  it.each([
    ['deliveries', deliverySubject, deliverySchema],
    ['control records', controlSubject, controlSchema],
  ])('takes a new field of %s with a default, and refuses one without (FULL_TRANSITIVE)', async (_, of, schema) => {
    const subject = of(await testTopic());
    const client = createRegistryClient({ url, timeoutMs: 5_000 });
    const evolved = (field: object) => ({ ...schema, fields: [...schema.fields, field] });
    await expect(client.register(subject, evolved({ name: 'region', type: 'string' }))).rejects.toMatchObject({
      status: 409,
    });
    const withDefault = evolved({ name: 'region', type: 'string', default: '' });
    expect(await client.register(subject, withDefault)).toEqual(expect.any(Number));
  });

  it('says what to do when it refuses our schema', async () => {
    const topic = newTopic();
    const client = createRegistryClient({ url, timeoutMs: 5_000 });
    await client.setFullTransitive(deliverySubject(topic));
    const foreign = { ...deliverySchema, fields: [{ name: 'other', type: 'string' }] };
    await client.register(deliverySubject(topic), foreign);
    await expect(registry(url).registerDeliverySchema(topic)).rejects.toMatchObject({
      code: 'SCHEMA_INCOMPATIBLE',
      message: expect.stringContaining('give each new field a default'),
    });
  });

  it('calls a record undecodable whose schema it does not know, or that is of another kind', async () => {
    const schemas = registry(url);
    await schemas.registerDeliverySchema(newTopic());
    const unknown = encodeDelivery(2 ** 31 - 1, delivery);
    const result = { success: false, reason: 'UNDECODABLE', detail: expect.stringContaining('2147483647') };
    expect(await schemas.decode(unknown)).toEqual(result);
    expect(schemas.decodeCached(unknown)).toEqual(result);

    const client = createRegistryClient({ url, timeoutMs: 5_000 });
    const other = await client.register(newTopic(), { type: 'record', name: 'Other', namespace: 'test', fields: [] });
    expect(await schemas.decode(encodeDelivery(other, delivery))).toMatchObject({
      detail: `Schema ${other} is test.Other, neither hookline.Delivery nor hookline.Control.`,
    });
  });
});

// A partition may begin with the record that nobody can decode: it must not wait for ever for a better one.
describe('the first record of a process, with a schema that the real registry does not know', () => {
  const unknown = encodeDelivery(2 ** 31 - 1, delivery);

  it('is undecodable where the registry has our schema', async () => {
    const topic = newTopic();
    await registry(url).registerDeliverySchema(topic);
    expect(await registry(url, 5_000, topic).decode(unknown)).toMatchObject({ reason: 'UNDECODABLE' });
  });

  // A control record proves as much as a delivery: it was the registry that knew its schema.
  it('is undecodable once a control record was decoded', async () => {
    const topic = newTopic();
    const controls = await registry(url).registerControlSchema(topic);
    const schemas = registry(url, 5_000, topic);
    await expect(schemas.decode(unknown)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    await schemas.decode(schemas.encodeControl(controls, sampleControl()));
    expect(await schemas.decode(unknown)).toMatchObject({ reason: 'UNDECODABLE' });
  });

  it('says nothing where it has not: it may be another registry, or have lost everything', async () => {
    const schemas = registry(url, 5_000, newTopic());
    await expect(schemas.decode(unknown)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
  });
});

describe('a value without a schema', () => {
  it.each([
    ['null', null, 'The record has no value.'],
    ['too short', Buffer.from([0, 0, 0, 1]), 'The value has 4 bytes, too few for a schema id.'],
    ['foreign', Buffer.from('{"json":true}'), 'The value begins with byte 123 instead of 0.'],
  ])('is undecodable without a call: %s', async (_, value, detail) => {
    const schemas = await misbehaving(NOT_FOUND);
    expect(schemas.decodeCached(value)).toEqual({ success: false, reason: 'UNDECODABLE', detail });
    expect(await schemas.decode(value)).toEqual({ success: false, reason: 'UNDECODABLE', detail });
    expect(standIn!.requests).toEqual([]);
  });
});

describe('a registry that cannot be used', () => {
  const hang: Answer = () => undefined;
  const hangHalfWay: Answer = (_, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('{');
  };
  const cut: Answer = (request) => request.socket.destroy();
  const cases: [string, Answer][] = [
    ['hangs', hang],
    ['hangs in the middle of its answer', hangHalfWay],
    ['cuts the connection', cut],
    ['fails', json(500, { error_code: 500, message: 'database down' })],
    ['asks for a password', json(401, { error_code: 401, message: 'Unauthorized' })],
    ['is overloaded', json(429, { error_code: 429, message: 'Too many requests' })],
    ['is a proxy that knows nothing', page(404)],
    ['is a proxy that refuses', page(400)],
    ['is a page', page(200)],
    ['answers without an id', json(200, {})],
  ];

  it.each(cases)('is unavailable in time, and says nothing about schemas, when it %s', async (_, answer) => {
    const schemas = await misbehaving(answer, 300);
    const startedAt = performance.now();
    for (const call of [
      () => schemas.deliverySchemaId('log'),
      () => schemas.registerDeliverySchema('log'),
      () => schemas.controlSchemaId('log'),
      () => schemas.registerControlSchema('log'),
      () => schemas.decode(encodeDelivery(1, delivery)),
    ]) {
      await expect(call()).rejects.toMatchObject({
        code: 'REGISTRY_UNAVAILABLE',
        message: expect.stringContaining(`The schema registry at ${standIn!.url} cannot be used`),
      });
    }
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  it('is unavailable when nothing listens', async () => {
    await (await startRegistryStandIn(hang)).stop();
    const gone = await startRegistryStandIn(hang);
    await gone.stop();
    const schemas = registry(gone.url);
    const refused = { code: 'REGISTRY_UNAVAILABLE', message: expect.stringContaining('ECONNREFUSED') };
    await expect(schemas.deliverySchemaId('log')).rejects.toMatchObject(refused);
    await expect(schemas.registerDeliverySchema('log')).rejects.toMatchObject(refused);
    await expect(schemas.decode(encodeDelivery(1, delivery))).rejects.toMatchObject(refused);
  });
});

describe('an unknown schema id', () => {
  const cannotTell: [string, Answer][] = [
    ['is not found either', NOT_FOUND],
    ['is not answered', () => undefined],
    ['fails', json(500, { error_code: 500, message: 'database down' })],
    ['breaks the connection', (request) => request.socket.destroy()],
    ['meets a proxy', page(404)],
  ];

  it.each(cannotTell)('counts for nothing where the question for a known one %s', async (_, answer) => {
    const schemas = await misbehaving(knowsOnly(1), 300, 'log');
    const onlyUnknown: Answer = (request, response) =>
      (request.url?.endsWith('/2') ? NOT_FOUND : answer)(request, response);
    standIn!.answer = onlyUnknown;
    const decode = () => schemas.decode(encodeDelivery(2, delivery));
    await expect(decode()).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    expect(standIn!.requests.at(-1)).toBe('POST /subjects/log-value');
    standIn!.answer = knowsOnly(1);
    await schemas.decode(encodeDelivery(1, delivery));
    standIn!.answer = onlyUnknown;
    await expect(decode()).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    expect(standIn!.requests.at(-1)).toBe('GET /schemas/ids/1');
    standIn!.answer = knowsOnly(1);
    expect(await decode()).toMatchObject({ reason: 'UNDECODABLE' });
  });

  const knowsOnly =
    (id: number): Answer =>
    (request, response) =>
      request.url === `/schemas/ids/${id}`
        ? json(200, { schema: JSON.stringify(deliverySchema) })(request, response)
        : NOT_FOUND(request, response);

  it('counts only while the registry still has an id that it had', async () => {
    const schemas = await misbehaving(knowsOnly(1));
    await expect(schemas.decode(encodeDelivery(2, delivery))).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    expect(await schemas.decode(encodeDelivery(1, delivery))).toMatchObject({ success: true });
    expect(await schemas.decode(encodeDelivery(2, delivery))).toMatchObject({ reason: 'UNDECODABLE' });
    standIn!.answer = NOT_FOUND;
    await expect(schemas.decode(encodeDelivery(3, delivery))).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    expect(await schemas.decode(encodeDelivery(1, delivery))).toMatchObject({ success: true });
  });

  it('is remembered for five seconds, not for ever', async () => {
    let now = 0;
    standIn = await startRegistryStandIn(knowsOnly(1));
    const clock = { now: () => now, monotonic: () => now };
    const schemas = createSchemaRegistry({ url: standIn.url, timeoutMs: 1_000 }, silent, { clock });
    await schemas.decode(encodeDelivery(1, delivery));
    for (const at of [0, 4_999]) {
      now = at;
      expect(await schemas.decode(encodeDelivery(2, delivery))).toMatchObject({ reason: 'UNDECODABLE' });
    }
    const asked = () => standIn!.requests.filter((request) => request === 'GET /schemas/ids/2').length;
    expect(asked()).toBe(1);
    now = 5_000;
    standIn.answer = knowsOnly(2);
    expect(await schemas.decode(encodeDelivery(2, delivery))).toMatchObject({ success: true });
    expect(asked()).toBe(2);
  });

  it.each([
    ['is not Avro', { schemaType: 'JSON', schema: '{"type":"object"}' }],
    ['does not parse', { schema: '{"type":"record"}' }],
  ])('is as one whose schema %s', async (_, schema) => {
    const schemas = await misbehaving((request, response) =>
      request.url === '/schemas/ids/2' ? json(200, schema)(request, response) : knowsOnly(1)(request, response),
    );
    await schemas.decode(encodeDelivery(1, delivery));
    expect(await schemas.decode(encodeDelivery(2, delivery))).toMatchObject({
      reason: 'UNDECODABLE',
      detail: expect.stringContaining('The registry has no usable schema 2'),
    });
  });
});
