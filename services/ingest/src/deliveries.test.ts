import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { MAX_BODY_BYTES, partitionOf } from '@hookline/contracts';
import { type StackAddresses, testStack, testTopic } from '@hookline/local-stack';
import { type LoggedDelivery, readDeliveries, until } from '@hookline/test-support';
import { send, signed } from './testing/http.ts';
import { type RunningIngest, SECRET, startIngest } from './testing/start-ingest.ts';

const examples = createRequire(import.meta.url)('@octokit/webhooks-examples') as { name: string; examples: object[] }[];
const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest();

/** What was verified is in the log byte for byte, under the right key and partition, whatever way it arrived. */
describe('a delivery that is answered 202', () => {
  let stack: StackAddresses;
  let topic: string;
  let ingest: RunningIngest;
  let records: LoggedDelivery[] = [];
  const find = (guid: string) => records.filter(({ delivery }) => delivery.guid === guid);

  const sources = [
    {
      name: 'main',
      secrets: [
        { label: 'new', secret: 'another' },
        { label: 'old', secret: SECRET },
      ],
    },
    { name: 'ghes', path: '/hooks/ghes', namespace: 'github.example.com', secrets: [{ label: 'a', secret: SECRET }] },
    { name: 'issues-only', secrets: [{ label: 'a', secret: SECRET }], events: ['issues'], dedupScope: 'main' },
  ];

  beforeAll(async () => {
    stack = await testStack();
    topic = await testTopic({ partitions: 4 });
    ingest = await startIngest({ stack, topic, sources });
    await until('ingest is ready', () => ingest.ready().ok);
  });
  afterAll(() => ingest.stop());

  it('is in the log, for every example payload, as json and as a form', async () => {
    const sent: { guid: string; event: string; body: string; json: string }[] = [];
    for (const { name, examples: payloads } of examples) {
      for (const [i, payload] of payloads.entries()) {
        const json = JSON.stringify(payload);
        const form = i % 2 === 1;
        const body = form ? new URLSearchParams({ payload: json }).toString() : json;
        const type = form ? 'application/x-www-form-urlencoded' : 'application/json';
        const delivery = signed(body, { 'x-github-event': name, 'content-type': type });
        const guid = delivery.headers['x-github-delivery'] as string;
        const reply = await send({ port: ingest.port, ...delivery });
        expect(reply).toMatchObject({ status: 202, json: { status: 'accepted', delivery: guid, event: name } });
        sent.push({ guid, event: name, body, json });
      }
    }
    records = await readDeliveries(stack, topic);
    expect(records).toHaveLength(sent.length);
    for (const { guid, event, body, json } of sent) {
      const [record] = find(guid);
      if (record === undefined) throw new Error(`${event} ${guid} is not in the log`);
      const { delivery, key, partition, headers } = record;
      expect(delivery.body.equals(Buffer.from(body))).toBe(true);
      expect(delivery.digest).toEqual(sha256(json));
      expect(partition).toBe(partitionOf(key, 4));
      expect(headers).toEqual({ guid, event, source: 'main' });
      expect(delivery).toMatchObject({
        source: 'main',
        dedupScope: 'main',
        event,
        secretLabel: 'old',
        hookId: '292430182',
        eventProblem: null,
      });
    }
  });

  it('carries the headers of GitHub and no signature', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const extra = {
      'x-github-hook-installation-target-id': '79929171',
      'x-github-hook-installation-target-type': 'repository',
      'x-hub-signature': 'sha1=7d38cdd689735b008b3c702edd92eea23791c5f6',
      cookie: 'a=b',
      traceparent,
    };
    const before = Date.now();
    const delivery = signed('{"action":"opened","repository":{"id":9007199254740993}}', extra);
    const guid = delivery.headers['x-github-delivery'] as string;
    expect((await send({ port: ingest.port, ...delivery })).json).toMatchObject({
      key: 'github.com/repository/9007199254740993',
    });
    records = await readDeliveries(stack, topic);
    const [record] = find(guid);
    expect(record?.headers).toMatchObject({ traceparent });
    expect(record?.delivery).toMatchObject({ action: 'opened', repositoryId: '9007199254740993' });
    expect(record?.delivery.receivedAt).toBeGreaterThanOrEqual(before);
    expect(record?.delivery.headers).toEqual({
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/044aadd',
      'x-github-delivery': guid,
      'x-github-event': 'issues',
      'x-github-hook-id': '292430182',
      'x-github-hook-installation-target-id': '79929171',
      'x-github-hook-installation-target-type': 'repository',
    });
    expect(ingest.log).toContainEqual(
      expect.objectContaining({
        level: 'debug',
        msg: 'delivery accepted',
        guid,
        partition: record?.partition,
        offset: String(record?.offset),
      }),
    );
  });

  it('has the namespace of its source in its key, and an unusable traceparent is dropped', async () => {
    const delivery = signed('{"repository":{"id":1}}', { traceparent: '00-0-0-00' });
    const reply = await send({ port: ingest.port, path: '/hooks/ghes?ignored=1', ...delivery });
    expect(reply.json).toMatchObject({ key: 'github.example.com/repository/1' });
    records = await readDeliveries(stack, topic);
    expect(find(delivery.headers['x-github-delivery'] as string)[0]?.headers).not.toHaveProperty('traceparent');
  });

  it('is ignored, and not in the log, if its event is not on the allow-list; a forgery of it is still 401', async () => {
    const path = '/webhooks/issues-only';
    const wanted = signed('{"n":1}');
    const unwanted = signed('{"n":2}', { 'x-github-event': 'star' });
    const forged = signed('{"n":3}', { 'x-github-event': 'star' }, 'wrong');
    expect((await send({ port: ingest.port, path, ...wanted })).json).toMatchObject({
      status: 'accepted',
      key: 'github.com/scope/main',
    });
    expect(await send({ port: ingest.port, path, ...unwanted })).toMatchObject({
      status: 202,
      json: { status: 'ignored' },
    });
    expect((await send({ port: ingest.port, path, ...forged })).status).toBe(401);
    records = await readDeliveries(stack, topic);
    expect(find(wanted.headers['x-github-delivery'] as string)).toHaveLength(1);
    expect(find(unwanted.headers['x-github-delivery'] as string)).toHaveLength(0);
  });

  it('may arrive byte by byte, or in chunks without a length', async () => {
    const body = Buffer.from('{"title":"æøå €","repository":{"id":5}}');
    const bytes = Array.from(body, (byte) => Buffer.from([byte]));
    const declared = signed(body, { 'content-length': String(body.length) });
    const chunked = signed(body);
    expect((await send({ port: ingest.port, headers: declared.headers, body: bytes })).status).toBe(202);
    expect((await send({ port: ingest.port, headers: chunked.headers, body: bytes })).status).toBe(202);
    records = await readDeliveries(stack, topic);
    for (const { headers } of [declared, chunked]) {
      expect(find(headers['x-github-delivery'] as string)[0]?.delivery.body).toEqual(body);
    }
  });

  it('is told so also to a client that has closed its own side of the connection', async () => {
    const json = '{"n":"half closed"}';
    const lines = Object.entries({ host: 'x', ...signed(json).headers, 'content-length': String(json.length) });
    const socket = connect({ port: ingest.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.end(`POST /webhooks/main HTTP/1.1\r\n${lines.map((line) => line.join(': ')).join('\r\n')}\r\n\r\n${json}`);
    // Ends only because the server then closes the other side.
    expect(await text(socket)).toMatch(/^HTTP\/1.1 202 [^]*"status":"accepted"/);
  });

  it('may be as deep as its size allows, and say of itself what no database can hold', async () => {
    const deep = `{"action":"opened\\u0000","repository":{"id":9007199254740993},"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    const delivery = signed(deep);
    expect(await send({ port: ingest.port, ...delivery })).toMatchObject({
      status: 202,
      json: { key: 'github.com/repository/9007199254740993' },
    });
    records = await readDeliveries(stack, topic);
    const [record] = find(delivery.headers['x-github-delivery'] as string);
    expect(record?.delivery).toMatchObject({ action: null, repositoryId: '9007199254740993' });
    expect(record?.delivery.body.equals(Buffer.from(deep))).toBe(true);
  });

  it('may be as large as GitHub makes them, 25 MiB to the byte', async () => {
    const frame = '{"repository":{"id":25},"filler":""}';
    const body = Buffer.from(frame.replace('""', `"${'x'.repeat(MAX_BODY_BYTES - frame.length)}"`));
    expect(body).toHaveLength(MAX_BODY_BYTES);
    const delivery = signed(body);
    expect(await send({ port: ingest.port, ...delivery })).toMatchObject({ status: 202 });
    records = await readDeliveries(stack, topic);
    expect(find(delivery.headers['x-github-delivery'] as string)[0]?.delivery.body.equals(body)).toBe(true);
    expect((await send({ port: ingest.port, ...signed(Buffer.concat([body, Buffer.from(' ')])) })).status).toBe(413);
  });
});
