import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { type Database, makeRanges } from '@hookline/database';
import { testDatabase, testStack, testTopic } from '@hookline/local-stack';
import { connectTo, until } from '@hookline/test-support';
import { open, send } from '../testing/http.ts';
import { knownTo } from '../testing/known-deliveries.ts';
import { type RunningIngest, startIngest } from '../testing/start-ingest.ts';
import { document } from './document.ts';
import { EXAMPLE_SOURCES, type Exchange, KNOWN_DELIVERIES } from './exchanges.ts';

/** What the document says is what happens: each of its examples is sent, and answered as it is written there. */
describe('the OpenAPI document', () => {
  let ingest: RunningIngest;
  let withoutLog: RunningIngest;
  let lenient: RunningIngest;
  let database: Database;

  beforeAll(async () => {
    const stack = await testStack();
    const topic = await testTopic();
    const { url } = await testDatabase();
    database = connectTo(url);
    await makeRanges(database);
    const { processed, waiting, payload: body, event } = KNOWN_DELIVERIES;
    await knownTo(database).processed({ guid: processed, body, event });
    await knownTo(database).waiting({ guid: waiting, body, event });
    const settings = { HOOKLINE_DATABASE_URL: url, HOOKLINE_INGEST_LOOK_UP_TIMEOUT_MS: '1000' };
    ingest = await startIngest({ stack, topic, sources: EXAMPLE_SOURCES, settings });
    lenient = await startIngest({
      stack,
      topic,
      sources: EXAMPLE_SOURCES,
      settings: { ...settings, HOOKLINE_DUPLICATE_STATUS: '200' },
    });
    withoutLog = await startIngest({
      stack: { ...stack, brokers: ['127.0.0.1:1'] },
      topic,
      sources: EXAMPLE_SOURCES,
      settings: { HOOKLINE_INGEST_APPEND_DEADLINE_MS: '300' },
    });
    await until('ingest is ready', () => ingest.ready().ok && lenient.ready().ok);
  });
  afterAll(async () => {
    await Promise.all([ingest.stop(), lenient.stop(), withoutLog.stop()]);
    await database.close();
  });

  const portFor = ({ needs }: Exchange): number => {
    if (needs === 'log unavailable') return withoutLog.port;
    return needs?.endsWith('HOOKLINE_DUPLICATE_STATUS=200') ? lenient.port : ingest.port;
  };

  const served = async (path: string) => await send({ port: ingest.port, method: 'GET', path });

  it('is valid OpenAPI 3.1', async () => {
    const { text, headers } = await served('/openapi.json');
    expect(headers['content-type']).toContain('application/json');
    const validator = new Validator();
    expect(await validator.validate(JSON.parse(text) as Record<string, unknown>)).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  const exchanges = document.paths['/webhooks/{source}'].post['x-exchanges'];

  it.each(exchanges.map((exchange) => [exchange.summary, exchange] as const))(
    'answers as written: %s',
    async (_, exchange) => {
      const { response } = (JSON.parse((await served('/openapi.json')).text) as typeof document).paths[
        '/webhooks/{source}'
      ].post['x-exchanges'].find(({ name }) => name === exchange.name) as Exchange;
      const reply = await perform(exchange, portFor(exchange));
      expect(reply.status).toBe(response.status);
      for (const [name, value] of Object.entries(response.headers)) {
        expect([name, reply.headers[name.toLowerCase()]]).toEqual([name, value]);
      }
      expect(reply.json).toEqual(response.body);
    },
  );

  it('shows every kind of answer at least in one example of its status', () => {
    const { responses } = document.paths['/webhooks/{source}'].post;
    const examples = Object.values(responses).flatMap(({ content }) => Object.values(content)) as {
      examples: object;
    }[];
    for (const { examples: shown } of examples) expect(Object.keys(shown).length).toBeGreaterThan(0);
  });

  it('has a page that shows the same, and loads nothing from elsewhere', async () => {
    const { text, headers, status } = await served('/api-docs');
    expect(status).toBe(200);
    expect(headers['content-type']).toContain('text/html');
    expect(text).not.toMatch(/(src|href)="(https?:)?\/\//);
    for (const { summary } of exchanges) expect(text).toContain(`<h3>${summary}</h3>`);
    expect(text).toContain('id="SIGNATURE_MISMATCH"');
    expect((await served('/')).headers.location).toBe('/api-docs');
  });
});

/** Sends it as it is written, without a header or body more. */
async function perform({ request }: Exchange, port: number) {
  const { method, path, headers, body } = request;
  const { outgoing, reply } = open({ port, method, path, headers });
  // The one that declares a body too large must be answered without it.
  if (headers['Content-Length'] === undefined) outgoing.end(body);
  else outgoing.flushHeaders();
  const answered = await reply;
  outgoing.destroy();
  return answered;
}
