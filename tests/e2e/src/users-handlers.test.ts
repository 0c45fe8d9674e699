import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startSystem, type System } from './system/start-system.ts';
import { githubDelivery } from './traffic/github-delivery.ts';
import { createSender } from './traffic/sender.ts';
import { countAudit, untilCaughtUp } from './verify/read-state.ts';

/** What a user writes, in JavaScript: nothing has to be installed beside it. */
const MODULE = `
export default ({ on }) => {
  on('issues.opened', 'welcome', async ({ payload, delivery, db, knex, effects, order, log }) => {
    const { issue } = payload;
    await db.query('insert into welcomed (issue, by_role, late) values ($1, current_user, $2)', [issue.number, await order.stale()]);
    await knex('welcomed').where({ issue: issue.number }).increment('touched', 1);
    effects.githubComment({ issue, body: 'Hello' });
    effects.job('sync', { issue: issue.number }, { key: 'sync' });
    log.info({ issue: issue.number }, 'welcomed');
  });
};
`;

let system: System;
let folder: string;
beforeAll(async () => {
  [system, folder] = await Promise.all([startSystem(), mkdtemp(join(tmpdir(), 'hookline-users-'))]);
  await system.database.query(
    'create table welcomed (issue int not null, by_role text, late boolean, touched int not null default 0)',
  );
});
afterAll(async () => {
  await system.stop();
  await rm(folder, { recursive: true });
});

// The way of a user's module through real processes: loaded by configuration, given all that the context promises, and what
// it writes and asks for committed with the delivery, once, however often that is sent.
it("a user's handlers run beside the built-in ones, once for each delivery", async () => {
  const path = join(folder, 'handlers.mjs');
  await writeFile(path, MODULE);
  const ingest = await system.startIngest();
  const processor = system.startProcessor({ HOOKLINE_HANDLERS_MODULE: path, HOOKLINE_LOG_LEVEL: 'info' });
  const repository = { id: 7, name: 'r', full_name: 'o/r', owner: { login: 'o' } };
  const deliveries = [3, 2, 1].map((number) =>
    githubDelivery(7, {
      repository,
      installation: { id: 5 },
      issue: { id: 1, number, updated_at: `2026-01-0${number}T00:00:00Z` },
    }),
  );
  const sender = createSender();
  for (const delivery of deliveries) {
    await sender.postAll(
      [1, 2, 3].map(() => ({ delivery, url: ingest.url })),
      1,
    );
  }
  sender.close();
  await processor.untilReady();
  await untilCaughtUp(system);

  expect([await countAudit(system, 'processed'), await countAudit(system, 'duplicate')]).toEqual([3, 6]);
  const { rows } = await system.database.query(
    'select issue, by_role, late, touched from welcomed order by issue desc',
  );
  expect(rows).toEqual(
    [3, 2, 1].map((issue) => ({ issue, by_role: 'hookline_handlers', late: issue < 3, touched: 1 })),
  );
  const outbox = await system.database.query(
    `select kind, handler, effect_key as key, coalesce(request->>'issueNumber', request->'payload'->>'issue')::int as issue
       from hookline.outbox order by position`,
  );
  expect(outbox.rows).toEqual(
    [3, 2, 1].flatMap((issue) => [
      { kind: 'github.comment', handler: 'welcome', key: '#0', issue },
      { kind: 'kafka.publish', handler: 'welcome', key: 'sync', issue },
    ]),
  );
  const line = await processor.logged('welcomed', { issue: 2 });
  const [, second] = deliveries;
  expect(line).toMatchObject({ handler: 'welcome', guid: second?.guid, orderingKey: second?.key });
});
