// Runs in a pod, on nothing but Node.js. Posts deliveries as GitHub would, for each repository one after another, until it
// is told to stop, and writes a line for each answer. What was not accepted is posted again as it was.
import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';

const { URL_OF_INGEST, SECRET, REPOSITORIES, PAUSE_MS, FIRST_REPOSITORY } = process.env;
const payloads = JSON.parse(gunzipSync(readFileSync('/sender/payloads.json.gz')).toString());
// As GitHub, a connection for each delivery.
const agent = new Agent({ keepAlive: false });
let stopping = false;
process.on('SIGTERM', () => (stopping = true));

await Promise.all(Array.from({ length: Number(REPOSITORIES) }, (_, i) => repository(Number(FIRST_REPOSITORY) + i, i)));
console.log(JSON.stringify({ ended: true }));

async function repository(id, first) {
  for (let n = 0; !stopping; n++) {
    const { event, payload } = payloads[(first * 7 + n) % payloads.length];
    const guid = randomUUID();
    const body = JSON.stringify({ ...payload, repository: { ...payload.repository, id }, test: `${id}/${n}` });
    for (;;) {
      const began = Date.now();
      const answer = await post(guid, event, body);
      console.log(JSON.stringify({ guid, repository: id, n, at: began, ms: Date.now() - began, ...answer }));
      if ([200, 202, 409].includes(answer.status)) break;
      await delay(200);
    }
    await delay(Number(PAUSE_MS));
  }
}

function post(guid, event, body) {
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'user-agent': 'GitHub-Hookshot/test',
    'x-github-delivery': guid,
    'x-github-event': event,
    'x-github-hook-id': '1',
    'x-hub-signature-256': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`,
  };
  return new Promise((resolve) => {
    const sent = request(URL_OF_INGEST, { method: 'POST', agent, headers, timeout: 10_000 }, (response) => {
      response.resume();
      response.on('end', () => resolve({ status: response.statusCode }));
      response.on('error', (error) => resolve({ status: 0, error: error.code }));
    });
    sent.on('timeout', () => sent.destroy(Object.assign(new Error('timeout'), { code: 'TIMEOUT' })));
    sent.on('error', (error) => resolve({ status: 0, error: error.code ?? error.message }));
    sent.end(body);
  });
}
