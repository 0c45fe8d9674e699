import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { serviceUrls, startPgbouncer, testStack, type Pgbouncer, type ServiceUrls } from '@hookline/local-stack';
import { until } from '@hookline/test-support';
import { startNoteReceiver, type NoteReceiver } from './receivers/note-receiver.ts';
import { RELAY, startSystem, type System } from './system/start-system.ts';
import { githubDelivery } from './traffic/github-delivery.ts';
import { createSender } from './traffic/sender.ts';

let pgbouncer: Pgbouncer;
let receiver: NoteReceiver;
let system: System;

beforeAll(async () => {
  pgbouncer = await startPgbouncer((await testStack()).databaseUrl);
  receiver = await startNoteReceiver();
  system = await startSystem({ partitions: 2 });
});
afterAll(async () => {
  await system?.stop();
  await Promise.all([pgbouncer?.stop(), receiver?.close()]);
});

const through = (login: keyof ServiceUrls) => ({
  HOOKLINE_DATABASE_URL: pgbouncer.through(serviceUrls(system.databaseUrl)[login]),
});

// What the integration suites do through it: `npm run test:pgbouncer`.
it('deliveries go from request to effect through PgBouncer in transaction mode, once and in order', async () => {
  const routesFile = join(await mkdtemp(join(tmpdir(), 'hookline-routes-')), 'routes.json');
  await writeFile(routesFile, JSON.stringify([{ name: 'notes', on: ['*'], forward: receiver.url }]));
  const ingest = await system.startIngest(through('ingest'));
  system.startProcessor({ ...through('processor'), HOOKLINE_ROUTES_FILE: routesFile });
  const relay = system.start({
    main: RELAY,
    env: { ...through('relay'), HOOKLINE_ROUTES_FILE: routesFile, HOOKLINE_OUTBOUND_ALLOW: '127.0.0.1' },
  });
  const deliveries = Array.from({ length: 20 }, () => githubDelivery(7));
  const sender = createSender();
  await sender.postAll(
    deliveries.map((delivery) => ({ delivery, url: ingest.url })),
    1,
  );
  await until('all are forwarded', () => receiver.guids.length >= deliveries.length);
  expect(receiver.guids).toEqual(deliveries.map(({ guid }) => guid));

  // The look-up at the door sees what was processed.
  expect(await sender.post({ delivery: deliveries[0] as (typeof deliveries)[0], url: ingest.url })).toBe(409);
  sender.close();
  await until('the relay says that it hears no hints', () =>
    relay.log.some(({ msg }) => msg.startsWith('hints of new effects do not arrive')),
  );
});
