import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type Database, makeRanges } from '@hookline/database';
import { type StackAddresses, testDatabase, testStack, testTopic } from '@hookline/local-stack';
import { connectTo, readDeliveries, until } from '@hookline/test-support';
import { type Reply, send, signed } from './testing/http.ts';
import { type Known, knownTo } from './testing/known-deliveries.ts';
import { type RunningIngest, SECRET, startIngest } from './testing/start-ingest.ts';

const SETTINGS = { HOOKLINE_INGEST_LOOK_UP_TIMEOUT_MS: '1000' };

/**
 * A delivery is kept from the log only if it was processed or discarded under the very event that its header names: GUID
 * and event can be forged on a captured body, and a genuine delivery must never be refused for that.
 */
describe('a delivery that is known', () => {
  let stack: StackAddresses;
  let topic: string;
  let database: Database;
  let url: string;
  let ingest: RunningIngest;
  let known: Known & { body: string };
  const secrets = [{ label: 'a', secret: SECRET }];
  const sources = [
    { name: 'main', secrets },
    { name: 'shared', secrets, dedupScope: 'main' },
    { name: 'other', secrets },
  ];

  beforeAll(async () => {
    stack = await testStack();
    topic = await testTopic();
    ({ url } = await testDatabase());
    database = connectTo(url);
    await makeRanges(database);
    ingest = await startIngest({ stack, topic, sources, settings: { ...SETTINGS, HOOKLINE_DATABASE_URL: url } });
    await until('ingest is ready', () => ingest.ready().ok);
  });
  beforeEach(() => {
    const guid = randomUUID();
    const body = JSON.stringify({ action: 'opened', issue: { title: guid }, repository: { id: 1 } });
    known = { guid, body, event: 'issues' };
  });
  afterAll(async () => {
    await ingest.stop();
    await database.close();
  });

  const post = async (changes: { headers?: Record<string, string>; path?: string; body?: string } = {}) => {
    const { headers, path = '/webhooks/main', body = known.body } = changes;
    const delivery = signed(body, { 'x-github-delivery': known.guid, 'x-github-event': known.event, ...headers });
    return await send({ port: ingest.port, path, ...delivery });
  };
  const logged = async () => {
    const records = await readDeliveries(stack, topic);
    return records.filter(({ delivery }) => delivery.body.includes(known.guid)).length;
  };
  const answered = ({ status, json }: Reply) => [status, json?.['code'] ?? json?.['status']];

  it.each(['processed', 'discarded'])('as %s is answered 409, and is not in the log', async (outcome) => {
    expect(answered(await post())).toEqual([202, 'accepted']);
    await knownTo(database).processed(known, outcome);
    const before = await ingest.metric('hookline_ingest_requests_total', { source: 'main', code: 'DUPLICATE' });
    const reply = await post();
    expect(answered(reply)).toEqual([409, 'DUPLICATE']);
    expect(reply.headers['content-type']).toBe('application/problem+json');
    expect(await logged()).toBe(1);
    const after = await ingest.metric('hookline_ingest_requests_total', { source: 'main', code: 'DUPLICATE' });
    expect(after - before).toBe(1);
    expect(ingest.log).toContainEqual(
      expect.objectContaining({
        msg: 'delivery not appended: it was processed before',
        guid: known.guid,
        code: 'DUPLICATE',
      }),
    );
  });

  it('as processed is that also as a form, and from a source of the same scope; not from one of another', async () => {
    await knownTo(database).processed(known);
    const form = new URLSearchParams({ payload: known.body }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(answered(await post({ body: form, headers }))).toEqual([409, 'DUPLICATE']);
    expect(answered(await post({ path: '/webhooks/shared' }))).toEqual([409, 'DUPLICATE']);
    expect(answered(await post({ path: '/webhooks/other' }))).toEqual([202, 'accepted']);
  });

  it.each(['dead', 'waiting'] as const)('as %s is answered 202 as a reset, and is in the log', async (state) => {
    await knownTo(database)[state](known);
    expect(await post()).toMatchObject({
      status: 202,
      json: { status: 'reset', delivery: known.guid, event: 'issues', key: 'github.com/repository/1' },
    });
    expect(await logged()).toBe(1);
    expect(ingest.log).toContainEqual(
      expect.objectContaining({ msg: 'delivery accepted for a reset', guid: known.guid }),
    );
  });

  it('as held is in the log, where it is counted', async () => {
    await knownTo(database).held(known);
    expect(answered(await post())).toEqual([202, 'accepted']);
    expect(await logged()).toBe(1);
  });

  it.each(['processed', 'dead', 'waiting'] as const)(
    'as %s under another event, by a forged header, is accepted under its own',
    async (state) => {
      await knownTo(database)[state]({ ...known, event: 'a_new_event' });
      expect(answered(await post())).toEqual([202, 'accepted']);
      expect(await logged()).toBe(1);
    },
  );

  it('is accepted under a header that it cannot have, for the processor to judge', async () => {
    await knownTo(database).processed({ ...known, event: 'issue_comment' });
    expect(answered(await post({ headers: { 'x-github-event': 'issue_comment' } }))).toEqual([202, 'accepted']);
    expect(await logged()).toBe(1);
  });

  it('with another body, or another GUID, is another one', async () => {
    await knownTo(database).processed(known);
    const body = known.body.replace('opened', 'edited');
    expect(answered(await post({ body }))).toEqual([202, 'accepted']);
    expect(answered(await post({ headers: { 'x-github-delivery': randomUUID() } }))).toEqual([202, 'accepted']);
    expect(await logged()).toBe(2);
  });

  it('is told to nobody who cannot sign it', async () => {
    await knownTo(database).processed(known);
    const forged = signed(known.body, { 'x-github-delivery': known.guid }, 'wrong');
    expect((await send({ port: ingest.port, ...forged })).status).toBe(401);
  });

  it('is answered 200 where no redelivery is to be shown as failed', async () => {
    const lenient = await startIngest({
      stack,
      topic,
      sources,
      settings: { ...SETTINGS, HOOKLINE_DATABASE_URL: url, HOOKLINE_DUPLICATE_STATUS: '200' },
    });
    await until('it is ready', () => lenient.ready().ok);
    await knownTo(database).processed(known);
    const delivery = signed(known.body, { 'x-github-delivery': known.guid });
    expect(await send({ port: lenient.port, ...delivery })).toMatchObject({
      status: 200,
      json: { status: 'duplicate', delivery: known.guid, event: 'issues' },
    });
    expect(await lenient.metric('hookline_ingest_requests_total', { code: 'ALREADY_PROCESSED' })).toBe(1);
    await lenient.stop();
    expect(await logged()).toBe(0);
  });

  it('is known to nobody without a database: it is in the log once more', async () => {
    const unaware = await startIngest({ stack, topic, sources });
    await until('it is ready', () => unaware.ready().ok);
    await knownTo(database).processed(known);
    const delivery = signed(known.body, { 'x-github-delivery': known.guid });
    expect((await send({ port: unaware.port, ...delivery })).status).toBe(202);
    await unaware.stop();
    expect(await logged()).toBe(1);
  });
});
