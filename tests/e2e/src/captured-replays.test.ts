import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Handler } from '@hookline/handlers';
import { sign } from '@hookline/github';
import { hookline } from './system/hookline.ts';
import { startProcessorHere } from './system/processor-here.ts';
import { SECRET, startSystem, type IngestProcess, type System } from './system/start-system.ts';
import { githubDelivery, type GithubDelivery, underGuid } from './traffic/github-delivery.ts';
import { createSender } from './traffic/sender.ts';
import { untilCaughtUp } from './verify/read-state.ts';

const secrets = [{ label: 'first', secret: SECRET }];
const SOURCES = JSON.stringify([
  { name: 'main', secrets },
  { name: 'organization-hook', secrets, dedupScope: 'shared' },
  { name: 'repository-hook', secrets, dedupScope: 'shared' },
]);
/** As long as it may be: what is not looked up in time is appended. */
const IN_TIME = { HOOKLINE_INGEST_LOOK_UP_TIMEOUT_MS: '1000' };

let system: System;
let ingest: IngestProcess;
/** Appends whatever is verified, so that the processor alone must tell. */
let unaware: IngestProcess;
/** What the handler was called for, `guid event`, whether or not it was committed. */
const ran: string[] = [];
const sender = createSender();

const note: Handler = {
  kind: 'delivery',
  name: 'note',
  on: ['issues', 'member', 'star', 'watch'],
  run: ({ guid, event }) => Promise.resolve(void ran.push(`${guid} ${event}`)),
};

beforeAll(async () => {
  system = await startSystem({ partitions: 2 });
  [ingest, unaware] = await Promise.all([
    system.startIngest({ ...system.lookUp, ...IN_TIME, HOOKLINE_SOURCES: SOURCES }),
    system.startIngest({ HOOKLINE_SOURCES: SOURCES }),
  ]);
  await startProcessorHere(system, [note]);
});
beforeEach(() => void ran.splice(0));
afterAll(async () => {
  sender.close();
  await system.stop();
});

/** Posts one after another, each decided before the next; resolves to the statuses. */
async function post(deliveries: readonly GithubDelivery[], { url } = unaware, source = 'main'): Promise<number[]> {
  const statuses: number[] = [];
  for (const delivery of deliveries) {
    statuses.push(await sender.post({ delivery, url: url.replace(/main$/, source) }));
    await untilCaughtUp(system);
  }
  return statuses;
}

interface Forged {
  guid?: string;
  event?: string;
}

/** The body and its signature under other headers, which nobody has signed. */
function under(captured: GithubDelivery, { guid = captured.guid, event }: Forged): GithubDelivery {
  const copy = underGuid(captured, guid);
  return { ...copy, headers: { ...copy.headers, ...(event && { 'x-github-event': event }) } };
}

/** The same event in the other encoding that GitHub has. */
function asForm({ body, headers, ...delivery }: GithubDelivery): GithubDelivery {
  const form = Buffer.from(new URLSearchParams({ payload: body.toString() }).toString());
  const type = { 'content-type': 'application/x-www-form-urlencoded', 'x-hub-signature-256': sign(form, SECRET) };
  return { ...delivery, body: form, headers: { ...headers, ...type } };
}

/** `decision [flags]` of the records with a GUID, in their order, and of what was done about them later. */
async function story({ guid }: { guid: string }): Promise<string[]> {
  const { rows } = await system.database.query<{ said: string }>(
    `select concat_ws(' ', decision, nullif(array_to_string(flags, ' '), '')) as said
       from hookline.audit_log where guid = $1 order by audit_id`,
    [guid],
  );
  return rows.map(({ said }) => said);
}

async function held({ guid }: { guid: string }) {
  const { rows } = await system.database.query(
    `select state, arrivals::integer, guid::text from hookline.held_deliveries where guid = $1 or known_guid = $1`,
    [guid],
  );
  return rows;
}

async function decide(...args: string[]): Promise<void> {
  const decided = await hookline(system, ...args, '--why', 'a test', '--yes', '--wait', '120');
  expect(decided).toMatchObject({ code: 0 });
}

// GitHub signs the body, and neither GUID nor event. Whoever has captured deliveries can post their bodies under any.
describe('what was captured', () => {
  // Were the GUID asked first, b1 under g3 would be "a known GUID with another body", which must run: that is how the
  // genuine delivery gets through whose GUID somebody has used. So the body decides before the GUID.
  it('(g1,b1) and (g3,b3) does not run as (g3,b1), however often; both genuine ones stay what they are', async () => {
    const [one, three] = [githubDelivery(1), githubDelivery(1)];
    await post([one, three]);
    const mixed = under(one, { guid: three.guid });
    expect(await post([mixed, mixed], ingest)).toEqual([202, 202]);
    await post([under(one, { guid: randomUUID() }), under(three, { guid: one.guid })]);
    expect(ran).toEqual([`${one.guid} issues`, `${three.guid} issues`]);
    expect(await story(three)).toEqual(['processed', 'held suspected-replay', 'held suspected-replay']);
    expect(await held(one)).toMatchObject([
      { guid: three.guid, arrivals: 3 },
      { guid: one.guid, arrivals: 1 },
    ]);
    expect(await post([one, three], ingest)).toEqual([409, 409]);
  });

  it('(g1,b1) sent early under an event that it cannot be changes nothing for the genuine one', async () => {
    const genuine = githubDelivery(1);
    expect(await post([under(genuine, { event: 'star' })])).toEqual([202]);
    expect(await post([genuine], ingest)).toEqual([202]);
    expect(await story(genuine)).toEqual(['dead-lettered event-mismatch', 'processed']);
    expect(ran).toEqual([`${genuine.guid} issues`]);
  });

  it('(g1,b1) sent early under an event that no handler asks for changes nothing for the genuine one', async () => {
    const genuine = githubDelivery(1);
    await post([under(genuine, { event: 'a_new_event' })]);
    expect(await post([genuine], ingest)).toEqual([202]);
    expect(await story(genuine)).toEqual(['ignored', 'processed']);
    expect(ran).toEqual([`${genuine.guid} issues`]);
  });

  // Nobody can tell here which of the two is forged. What must not be is that the second one is taken for a duplicate.
  it('(g1,b1) sent early under an event that it can be has the genuine one held, and an operator has it run', async () => {
    const star = { action: 'created', issue: undefined, starred_at: '2026-11-01T00:00:00Z' };
    const body = githubDelivery(1, star);
    const genuine = under(body, { event: 'star' });
    await post([under(body, { event: 'watch' })]);
    expect(await post([genuine, genuine], ingest)).toEqual([202, 202]);
    expect(await story(genuine)).toEqual(['processed', 'held other-event', 'held other-event']);
    await decide('replays', 'release', genuine.guid, '--event', 'star');
    await untilCaughtUp(system);
    expect(ran).toEqual([`${genuine.guid} watch`, `${genuine.guid} star`]);
  });

  it('does not run once it was discarded: not under its GUID, nor under another', async () => {
    const genuine = githubDelivery(1);
    const replay = under(genuine, { guid: randomUUID() });
    await post([genuine, replay]);
    await decide('replays', 'discard', replay.guid);
    await untilCaughtUp(system);
    expect(await post([replay], ingest)).toEqual([409]);
    const another = under(genuine, { guid: randomUUID() });
    await post([replay, another]);
    expect(await story(replay)).toEqual(['held suspected-replay', 'discarded', 'duplicate']);
    expect(await story(another)).toEqual(['held suspected-replay']);
    expect(ran).toEqual([`${genuine.guid} issues`]);
  });
});

describe('what is genuine', () => {
  it('runs under each GUID where its event can repeat byte for byte, and is flagged', async () => {
    const added = { action: 'added', issue: undefined, member: { id: 5 } };
    const first = under(githubDelivery(1, added), { event: 'member' });
    const again = under(first, { guid: randomUUID() });
    expect(await post([first, again], ingest)).toEqual([202, 202]);
    expect(await story(again)).toEqual(['processed repeated-payload']);
    expect(ran).toEqual([`${first.guid} member`, `${again.guid} member`]);
  });

  it('runs though its GUID was used for another body before', async () => {
    const used = githubDelivery(1);
    const genuine = under(githubDelivery(2), { guid: used.guid });
    await post([used, genuine], ingest);
    expect(ran).toEqual([`${used.guid} issues`, `${used.guid} issues`]);
  });

  it.each(['json', 'form'])('runs once, as json and as form, where the %s comes first', async (which) => {
    const json = githubDelivery(1);
    const both = [json, asForm(json)];
    const [first, second] = (which === 'json' ? both : both.toReversed()) as [GithubDelivery, GithubDelivery];
    await post([first, second]);
    expect(await post([first, second], ingest)).toEqual([409, 409]);
    await post([under(second, { guid: randomUUID() })]);
    expect(await story(json)).toEqual(['processed', 'duplicate']);
    expect(await held(json)).toMatchObject([{ state: 'held' }]);
    expect(ran).toEqual([`${json.guid} issues`]);
  });

  it('runs once from two sources that share a scope, and once more from a third', async () => {
    const delivery = githubDelivery(1);
    await post([delivery], unaware, 'organization-hook');
    await post([delivery], unaware, 'repository-hook');
    expect(await post([delivery], ingest, 'repository-hook')).toEqual([409]);
    expect(await story(delivery)).toEqual(['processed', 'duplicate']);
    expect(await post([delivery], ingest, 'main')).toEqual([202]);
    expect(await story(delivery)).toEqual(['processed', 'duplicate', 'processed']);
    expect(ran).toHaveLength(2);
  });
});
