import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Handler } from '@hookline/handlers';
import { repositoryActivity } from '@hookline/processor';
import { until } from '@hookline/test-support';
import { hookline } from './system/hookline.ts';
import { startProcessorHere, type ProcessorHere } from './system/processor-here.ts';
import { SECRET, startSystem, type IngestProcess, type System } from './system/start-system.ts';
import { githubDelivery, type GithubDelivery, underGuid } from './traffic/github-delivery.ts';
import { createSender } from './traffic/sender.ts';
import { countLog } from './verify/count-log.ts';
import { countRows, untilCaughtUp } from './verify/read-state.ts';

const secrets = [{ label: 'first', secret: SECRET }];
const SOURCES = JSON.stringify(['main', 'processing', 'suppressing'].map((name) => ({ name, secrets })));
/** As long as it may be: what is not looked up in time is appended. */
const IN_TIME = { HOOKLINE_INGEST_LOOK_UP_TIMEOUT_MS: '1000' };
const HOUR = String(60 * 60_000);
const SETTINGS = {
  HOOKLINE_REPLAY_POLICIES: 'processing/issues=process,suppressing/*=suppress',
  // What runs within the time of a test does not run because its time has come.
  HOOKLINE_LANE_RETRY_MIN_MS: HOUR,
  HOOKLINE_LANE_RETRY_MAX_MS: HOUR,
};

let system: System;
let ingest: IngestProcess;
/** Appends whatever is verified, so that the processor alone must tell. */
let unaware: IngestProcess;
let processor: ProcessorHere;
/** Until then deliveries with `fails` or `dies` in their payload do. */
let isMended = false;
const sender = createSender();

function failing(name: 'fails' | 'dies', maxAttempts: number): Handler {
  return {
    kind: 'delivery',
    name,
    on: ['*'],
    policy: { maxAttempts },
    run: ({ payload }) =>
      !isMended && (payload as Record<string, unknown>)[name] ? Promise.reject(new Error('never')) : Promise.resolve(),
  };
}

const handlers = [repositoryActivity, failing('fails', 1000), failing('dies', 1)];

beforeAll(async () => {
  system = await startSystem({ partitions: 1 });
  [ingest, unaware] = await Promise.all([
    system.startIngest({ ...system.lookUp, ...IN_TIME, HOOKLINE_SOURCES: SOURCES }),
    system.startIngest({ HOOKLINE_SOURCES: SOURCES }),
  ]);
  processor = await startProcessorHere(system, handlers, SETTINGS);
});
beforeEach(() => {
  isMended = false;
});
afterAll(async () => {
  sender.close();
  await system.stop();
});

/** Posts one after another, each decided before the next; resolves to the statuses. */
async function post(deliveries: readonly GithubDelivery[], { url } = unaware, source = 'main'): Promise<number[]> {
  const statuses: number[] = [];
  for (const delivery of deliveries) {
    statuses.push(await sender.post({ delivery, url: url.replace(/main$/, source) }));
    const read = `from hookline.partition_offsets where next_offset >= ${await countLog(system)}`;
    await until('it is decided', async () => (await countRows(system, read)) === 1);
  }
  return statuses;
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

/** How often the built-in handler has committed for a repository. */
async function runs({ key }: { key: string }): Promise<number> {
  const { rows } = await system.database.query<{ n: number }>(
    'select deliveries::integer as n from hookline.repository_activity where ordering_key = $1',
    [key],
  );
  return rows[0]?.n ?? 0;
}

async function lane({ key }: { key: string }) {
  const { rows } = await system.database.query<{ attempts: number; isDue: boolean }>(
    `select attempts, due_at < now() + interval '10 minutes' as "isDue" from hookline.lanes where ordering_key = $1`,
    [key],
  );
  return rows[0];
}

async function decide(...args: string[]): Promise<void> {
  const decided = await hookline(system, ...args, '--why', 'a test', '--wait', '120');
  expect(decided).toMatchObject({ code: 0 });
}

// Each line of ARCHITECTURE's table of identities that captured-replays.test.ts leaves, through HTTP and the log.
describe('a redelivery', () => {
  it('of the first that waits has it tried at once, with its attempts; of one behind it is only noted', async () => {
    const [head, behind] = [githubDelivery(1, { fails: true }), githubDelivery(1)];
    await post([head, behind]);
    expect(await lane(head)).toEqual({ attempts: 1, isDue: false });
    expect(await post([behind], ingest)).toEqual([202]);
    expect(await lane(head)).toEqual({ attempts: 1, isDue: false });
    expect(await post([head], ingest)).toEqual([202]);
    await until('it was tried', async () => (await lane(head))?.attempts === 2);
    expect(await runs(head)).toBe(0);
    isMended = true;
    await post([head]);
    await untilCaughtUp(system);
    expect(await story(head)).toEqual(['parked', 'reset', 'retried', 'reset', 'processed']);
    expect(await story(behind)).toEqual(['parked', 'reset', 'processed']);
    expect(await runs(head)).toBe(2);
  });

  it('of what is dead has its dead handlers run again, and no others', async () => {
    const dies = githubDelivery(2, { dies: true });
    await post([dies]);
    await untilCaughtUp(system);
    expect(await story(dies)).toEqual(['parked', 'retried', 'dead-lettered']);
    isMended = true;
    expect(await post([dies], ingest)).toEqual([202]);
    await untilCaughtUp(system);
    expect((await story(dies)).slice(3)).toEqual(['reset', 'processed']);
    expect(await runs(dies)).toBe(1);
    expect(await post([dies], ingest)).toEqual([409]);
  });

  it('of what was discarded is a duplicate, and only a redrive has it run', async () => {
    const dies = githubDelivery(3, { dies: true });
    await post([dies]);
    await untilCaughtUp(system);
    await decide('dead-letters', 'discard', '--key', dies.key, '--yes');
    isMended = true;
    expect(await post([dies], ingest)).toEqual([409]);
    await post([dies]);
    await decide('dead-letters', 'redrive', '--key', dies.key, '--state', 'discarded', '--yes');
    await untilCaughtUp(system);
    expect((await story(dies)).slice(3)).toEqual(['discarded', 'duplicate', 'redriven', 'processed']);
    expect(await runs(dies)).toBe(1);
  });
});

describe('a payload under another GUID', () => {
  it.each([
    ['main', 'held suspected-replay', 202, 1],
    ['processing', 'processed suspected-replay', 409, 2],
    ['suppressing', 'discarded suspected-replay', 409, 1],
  ])('is decided by the policy of its source, %s: %s', async (source, decided, status, ran) => {
    const genuine = githubDelivery(10 + source.length);
    const replay = underGuid(genuine);
    await post([genuine, replay], unaware, source);
    expect(await story(replay)).toEqual([decided]);
    expect(await post([replay], ingest, source)).toEqual([status]);
    expect(await runs(genuine)).toBe(ran);
  });

  it('is decided by the policy of its event, too', async () => {
    const genuine = githubDelivery(4, { action: 'created', comment: { id: 1 } });
    genuine.headers['x-github-event'] = 'issue_comment';
    const replay = underGuid(genuine);
    await post([genuine, replay], unaware, 'processing');
    expect(await story(replay)).toEqual(['held suspected-replay']);
  });
});

describe('a delivery', () => {
  it('whose GUID is known with another payload is processed, and flagged', async () => {
    const used = githubDelivery(5);
    const genuine = underGuid(githubDelivery(5), used.guid);
    await post([used, genuine]);
    expect(await story(used)).toEqual(['processed', 'processed reused-guid']);
    expect(await runs(used)).toBe(2);
  });

  it('that cannot be of its event is one body and a counter, however often and under whatever GUID it comes', async () => {
    const forged = githubDelivery(6);
    forged.headers['x-github-event'] = 'star';
    await post([forged, forged, underGuid(forged)]);
    expect(await story(forged)).toEqual(['dead-lettered event-mismatch', 'dead-lettered event-mismatch']);
    const { rows } = await system.database.query(
      `select occurrences::integer, count(body)::integer as bodies
         from hookline.dead_letters join hookline.dead_deliveries using (consumer_group, topic, kafka_partition,
              incarnation, kafka_offset) where reason = 'event-mismatch' group by occurrences`,
    );
    expect(rows).toEqual([{ occurrences: 3, bodies: 1 }]);
  });
});

describe('a log that is read again from its beginning', () => {
  // Last, since it is about everything that was posted here.
  it('runs nothing, and claims, holds and buries nothing', async () => {
    const state = async () => {
      const { rows } = await system.database.query(
        `select (select json_agg(one order by ordering_key) from hookline.repository_activity one) as activity,
                (select json_agg(one order by kafka_offset) from hookline.processed_deliveries one) as claims,
                (select json_agg(one order by digest) from hookline.held_deliveries one) as held,
                (select json_agg(one order by dead_letter_id) from hookline.dead_letters one) as dead`,
      );
      return rows[0];
    };
    const before = await state();
    const records = await countLog(system);
    await processor.stop();
    await system.database.query('update hookline.partition_offsets set next_offset = 0');
    await startProcessorHere(system, handlers, SETTINGS);
    await until('it halts', async () => (await countRows(system, 'from hookline.partition_halts')) === 1);
    await decide('partitions', 'resume', '0', '--from', 'stored', '--yes');
    await untilCaughtUp(system);
    expect(await state()).toEqual(before);
    const { rows } = await system.database.query<{ decision: string }>(
      `select distinct decision from (select decision from hookline.audit_log where stage = 'log'
        order by audit_id desc limit $1) as again order by decision`,
      [String(records)],
    );
    expect(rows.map(({ decision }) => decision)).toEqual(['dead-lettered', 'duplicate', 'reread']);
  });
});
