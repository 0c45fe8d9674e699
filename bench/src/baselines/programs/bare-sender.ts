// The same posts as a relay sends, and nothing else: pages of the outbox are read and each row is posted, as many at once as
// the relay has under way at one target. Nothing is written, no order is kept, nothing is tried again.
import { Agent, request } from 'node:http';
import '../../programs/leave-usage.ts';
import { openDatabase } from '../open-database.ts';

interface Row extends Record<string, unknown> {
  effect_id: string;
  request: { url: string; body: string };
}

const AT_ONCE = 64;
const PAGE = 1000;

const database = openDatabase(4);
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
process.once('SIGTERM', () => process.exit(0));

async function* rows(): AsyncGenerator<Row> {
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const { rows: page } = await database.query<Row>(
      'select effect_id, request from hookline.outbox where effect_id > $1 order by effect_id limit $2',
      [after, PAGE],
    );
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.effect_id ?? after;
  }
}

function post({ effect_id: key, request: { url, body } }: Row): Promise<void> {
  const headers = { 'content-type': 'application/json', 'content-length': body.length, 'idempotency-key': key };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume().once('end', resolve);
    });
    outgoing.once('error', reject).end(body);
  });
}

const all = rows();
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let next = await all.next(); !next.done; next = await all.next()) await post(next.value);
  }),
);
