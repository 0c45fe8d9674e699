import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { MAX_BODY_BYTES } from '@hookline/contracts';
import { type StackAddresses, testStack, testTopic } from '@hookline/local-stack';
import { readDeliveries, until } from '@hookline/test-support';
import { ANSWERS, type AnswerCode } from './answers.ts';
import { open, type Sending, send, signed } from './testing/http.ts';
import { type RunningIngest, SECRET, startIngest } from './testing/start-ingest.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const TEXT = { 'content-type': 'text/plain' };
const UNSIGNED = { 'x-hub-signature-256': undefined };
const NO_EVENT = { 'x-github-event': undefined };
const HUGE = { 'content-length': String(MAX_BODY_BYTES + 1) };

/** What is refused is answered by its own code, in the documented order, and leaves nothing in the log. */
describe('a request that is refused', () => {
  let stack: StackAddresses;
  let topic: string;
  let ingest: RunningIngest;

  beforeAll(async () => {
    stack = await testStack();
    topic = await testTopic();
    ingest = await startIngest({ stack, topic });
    await until('ingest is ready', () => ingest.ready().ok);
  });
  afterAll(async () => {
    const left = await readDeliveries(stack, topic);
    await ingest.stop();
    expect(left.map(({ delivery }) => delivery.body.toString())).toEqual(
      ['"kept"', '"kept"', '"kept"'].map((v) => `{"n":${v}}`),
    );
    expect(JSON.stringify(ingest.log)).not.toContain(SECRET);
  });

  const cases: [AnswerCode, Omit<Sending, 'port'>][] = [
    // Each is right in all that is judged before, and wrong in all that is judged after.
    ['NOT_FOUND', { ...signed('x', { ...TEXT, ...UNSIGNED, ...NO_EVENT }), method: 'PUT', path: '/webhooks/other' }],
    ['METHOD_NOT_ALLOWED', { ...signed('x', { ...TEXT, ...UNSIGNED, ...NO_EVENT }), method: 'PUT' }],
    ['MEDIA_TYPE_UNSUPPORTED', signed('x', { ...TEXT, ...UNSIGNED, ...NO_EVENT })],
    ['MEDIA_TYPE_UNSUPPORTED', signed('x', { 'content-type': undefined })],
    ['ENCODING_UNSUPPORTED', signed('x', { 'content-encoding': 'gzip', ...UNSIGNED, ...NO_EVENT })],
    ['SIGNATURE_MISSING', signed('x', { ...UNSIGNED, ...NO_EVENT })],
    ['SIGNATURE_MALFORMED', signed('x', { 'x-hub-signature-256': 'sha256=00', ...NO_EVENT })],
    ['DELIVERY_MISSING', signed('x', { 'x-github-delivery': undefined, ...NO_EVENT })],
    ['DELIVERY_MALFORMED', signed('x', { 'x-github-delivery': '7', ...NO_EVENT })],
    ['EVENT_MISSING', signed('x', NO_EVENT)],
    ['EVENT_MALFORMED', signed('x', { 'x-github-event': 'No Event' })],
    ['HOOK_ID_MALFORMED', signed('x', { 'x-github-hook-id': 'x' })],
    ['SIGNATURE_MISMATCH', signed('x', {}, 'wrong')],
    ['SIGNATURE_MISMATCH', { headers: signed('').headers, body: 'x' }],
    ['NOT_JSON', signed('x')],
    ['NOT_JSON', signed('')],
    ['NOT_AN_OBJECT', signed('[]')],
    ['NOT_UTF8', signed(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]))],
    ['FIELD_MISSING', signed('x=1', FORM)],
    ['FIELD_REPEATED', signed('payload={}&payload={}', FORM)],
    ['READ_ONLY', { method: 'POST', path: '/api-docs' }],
    ['NOT_FOUND', { method: 'GET', path: '/webhooks' }],
    ['NOT_FOUND', { method: 'GET', path: '/favicon.ico' }],
  ];

  it.each(cases)('%s', async (code, sending) => {
    const { status, headers, json } = await send({ port: ingest.port, ...sending });
    const expected: { status: number; headers?: Record<string, string> } = ANSWERS[code];
    expect(json).toMatchObject({ code, status: expected.status, type: `/api-docs#${code}` });
    expect(status).toBe(expected.status);
    expect(headers['content-type']).toBe('application/problem+json');
    for (const [name, value] of Object.entries(expected.headers ?? {})) expect(headers[name.toLowerCase()]).toBe(value);
  });

  it('for a declared size is answered before its body, and only after its headers are right', async () => {
    for (const [code, headers] of [
      ['BODY_TOO_LARGE', signed('', HUGE).headers],
      ['EVENT_MISSING', signed('', { ...HUGE, ...NO_EVENT }).headers],
    ] as const) {
      const { outgoing, reply } = open({ port: ingest.port, headers });
      outgoing.flushHeaders();
      expect((await reply).json).toMatchObject({ code });
      outgoing.destroy();
    }
  });

  it('for its size when no length was declared, as soon as it is too large', async () => {
    const { outgoing, reply } = open({ port: ingest.port, headers: signed('').headers });
    const piece = Buffer.alloc(1024 * 1024, 'x');
    for (let i = 0; i < 26; i++) outgoing.write(piece);
    expect((await reply).json).toMatchObject({ code: 'BODY_TOO_LARGE' });
    outgoing.destroy();
  });

  it('can be read by a client that first sends its whole body, of 40 MB, and only then looks', async () => {
    const size = 40 * 1024 * 1024;
    const socket = connect(ingest.port, '127.0.0.1');
    socket.pause();
    const flushed = Promise.withResolvers<void>();
    socket.write(
      `POST /webhooks/main HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: ${size}\r\n\r\n`,
    );
    socket.write(Buffer.alloc(size, 'x'), (error) => (error ? flushed.reject(error) : flushed.resolve()));
    await flushed.promise;
    expect(await text(socket)).toMatch(/^HTTP\/1.1 415 [^]*"code":"MEDIA_TYPE_UNSUPPORTED"}$/);
  });

  it('leaves its connection to the next request where the body was read', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const forged = await send({ port: ingest.port, agent, ...signed('{}', {}, 'wrong') });
    expect(forged).toMatchObject({ status: 401, headers: { connection: 'keep-alive' } });
    expect((await send({ port: ingest.port, agent, ...signed('{"n":"kept"}') })).status).toBe(202);
    agent.destroy();
  });

  it('is told so instead of "100 Continue"; a right one is told to go on', async () => {
    const expecting = { expect: '100-continue' };
    for (const [delivery, continued, status] of [
      [signed('{"n":"kept"}', expecting), true, 202],
      [signed('{"n":"kept"}', { ...expecting, ...UNSIGNED, 'content-length': '12' }), false, 401],
    ] as const) {
      let told = false;
      const { outgoing, reply } = open({ port: ingest.port, headers: delivery.headers });
      outgoing.on('continue', () => {
        told = true;
        outgoing.end(delivery.body);
      });
      outgoing.flushHeaders();
      expect((await reply).status).toBe(status);
      expect(told).toBe(continued);
      outgoing.destroy();
    }
  });

  it('by HEAD has no body', async () => {
    expect(await send({ port: ingest.port, method: 'HEAD' })).toMatchObject({
      status: 405,
      text: '',
      headers: { allow: 'POST' },
    });
  });

  const raw = async (bytes: string) => {
    const socket = connect(ingest.port, '127.0.0.1');
    socket.write(bytes);
    return await text(socket);
  };

  it('is a problem, too, when it is no HTTP at all or its headers are too large', async () => {
    expect(await raw('nonsense\r\n\r\n')).toMatch(/^HTTP\/1.1 400 [^]*"code":"BAD_REQUEST"}$/);
    const large = `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`;
    expect(await raw(large)).toMatch(/^HTTP\/1.1 431 [^]*"code":"HEADERS_TOO_LARGE"}$/);
  });

  it('is answered once, even when what follows is broken', async () => {
    const head = 'POST /webhooks/main HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
    const answered = await raw(`${head}no chunk\r\n`);
    expect(answered.match(/HTTP\/1.1/g)).toHaveLength(1);
  });

  it('is counted when its client goes away, and what it held is given back', async () => {
    const { outgoing } = open({ port: ingest.port, headers: signed('', { 'content-length': '1000' }).headers });
    outgoing.write('x'.repeat(100), () => outgoing.destroy());
    const labels = { source: 'main', code: 'ABORTED' };
    await until('it is counted', async () => (await ingest.metric('hookline_ingest_requests_total', labels)) === 1);
    await until('its bytes are free', async () => (await ingest.metric('hookline_ingest_reading_bytes')) === 0);
    expect((await send({ port: ingest.port, ...signed('{"n":"kept"}') })).status).toBe(202);
  });

  it('is counted by source and code', async () => {
    const mismatch = { source: 'main', code: 'SIGNATURE_MISMATCH' };
    expect(await ingest.metric('hookline_ingest_requests_total', mismatch)).toBe(3);
    expect(await ingest.metric('hookline_ingest_requests_total', { source: '', code: 'NOT_FOUND' })).toBe(3);
  });
});
