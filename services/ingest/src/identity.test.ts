import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { type StackAddresses, testStack, testTopic } from '@hookline/local-stack';
import { type LoggedDelivery, readDeliveries, until } from '@hookline/test-support';
import { send, signed } from './testing/http.ts';
import { type RunningIngest, SECRET, startIngest } from './testing/start-ingest.ts';

const examples = createRequire(import.meta.url)('@octokit/webhooks-examples') as { name: string; examples: object[] }[];
const exampleOf = (event: string) => JSON.stringify(examples.find(({ name }) => name === event)?.examples[0]);

/**
 * What the processor tells deliveries apart by, scope, GUID, digest and whether the event fits, is in the record as the
 * delivery deserves it, whatever way it has come.
 */
describe('the identity in a record', () => {
  let stack: StackAddresses;
  let topic: string;
  let ingest: RunningIngest;

  const secrets = [{ label: 'a', secret: SECRET }];
  const sources = [
    { name: 'main', secrets },
    { name: 'organization-hook', secrets, dedupScope: 'shared' },
    { name: 'repository-hook', secrets, dedupScope: 'shared' },
  ];

  beforeAll(async () => {
    stack = await testStack();
    topic = await testTopic({ partitions: 4 });
    ingest = await startIngest({ stack, topic, sources });
    await until('ingest is ready', () => ingest.ready().ok);
  });
  afterAll(() => ingest.stop());

  /** Posts each under the same GUID, and resolves with their records. */
  const deliver = async (...sendings: { body: string; path?: string; headers?: Record<string, string> }[]) => {
    const guid = randomUUID();
    for (const { body, path = '/webhooks/main', headers } of sendings) {
      const delivery = signed(body, { 'x-github-delivery': guid, ...headers });
      expect(await send({ port: ingest.port, path, ...delivery })).toMatchObject({ status: 202 });
    }
    const records = (await readDeliveries(stack, topic)).filter(({ delivery }) => delivery.guid === guid);
    expect(records).toHaveLength(sendings.length);
    return records as [LoggedDelivery, ...LoggedDelivery[]];
  };

  it('is the same for the json and the form of one event, also where the form is encoded in another way', async () => {
    const json = exampleOf('issues');
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const records = await deliver(
      { body: json },
      { body: new URLSearchParams({ payload: json }).toString(), headers: form },
      { body: `payload=${encodeURIComponent(json)}`, headers: form },
    );
    const identities = records.map(({ delivery }) => [delivery.digest.toString('hex'), delivery.dedupScope]);
    expect(new Set(identities.map(String)).size).toBe(1);
    // Whoever serialises them must be the same.
    expect(new Set(records.map(({ key, partition }) => `${key} ${partition}`)).size).toBe(1);
    expect(new Set(records.map(({ delivery }) => delivery.body.length)).size).toBe(3);
  });

  it('is the same from two sources that share a scope, and another from a third', async () => {
    const body = exampleOf('issues');
    const paths = ['/webhooks/organization-hook', '/webhooks/repository-hook', '/webhooks/main'];
    const records = await deliver(...paths.map((path) => ({ body, path })));
    const bySource = new Map(records.map((record) => [record.delivery.source, record]));
    const [one, other, third] = ['organization-hook', 'repository-hook', 'main'].map((name) => bySource.get(name));
    expect(one?.delivery.dedupScope).toBe('shared');
    expect(other?.delivery).toMatchObject({ dedupScope: 'shared', digest: one?.delivery.digest });
    expect([other?.key, other?.partition]).toEqual([one?.key, one?.partition]);
    expect(third?.delivery.dedupScope).toBe('main');
  });

  it('is told to have an event that cannot be that of its body, and is in the log all the same', async () => {
    const body = exampleOf('issue_comment');
    const [genuine] = await deliver({ body, headers: { 'x-github-event': 'issue_comment' } });
    expect(genuine.delivery.eventProblem).toBeNull();
    const [forged] = await deliver({ body, headers: { 'x-github-event': 'issues' } });
    expect(forged.delivery).toMatchObject({ event: 'issues', digest: genuine.delivery.digest });
    expect(forged.delivery.eventProblem).toMatch(/^No "issues" has "comment"/);
    const [missing] = await deliver({ body, headers: { 'x-github-event': 'pull_request' } });
    expect(missing.delivery.eventProblem).toMatch(/^Every "pull_request" has "number", "pull_request"/);
    const [unknown] = await deliver({ body, headers: { 'x-github-event': 'a_new_event' } });
    expect(unknown.delivery.eventProblem).toBeNull();
  });
});
