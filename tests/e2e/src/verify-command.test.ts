import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@hookline/test-support';
import { startCopies } from './system/copies.ts';
import { hookline } from './system/hookline.ts';
import { failingHandlers } from './system/failing-handlers.ts';
import { startLoad } from './system/load.ts';
import { startProcessorHere } from './system/processor-here.ts';
import { startSystem, type System } from './system/start-system.ts';
import type { GithubDelivery } from './traffic/github-delivery.ts';
import { countAudit, countRows, untilCaughtUp } from './verify/read-state.ts';

const PARTITIONS = 4;
const REPOSITORIES = [7000, 7001, 7002, 7003, 7004, 7005];
const WAITING = 7000;
const DYING = 7001;
const keyOf = (repository: number) => `github.com/repository/${repository}`;
/** Of which there must have been some, or it was not busy enough to show anything. */
const DECISIONS = [
  'applied',
  'dead-lettered',
  'discarded',
  'duplicate',
  'held',
  'parked',
  'redriven',
  'released',
  'reset',
  'retried',
  'skipped',
];
const SETTINGS = { HOOKLINE_LANE_RETRY_MIN_MS: '50', HOOKLINE_LANE_RETRY_MAX_MS: '100' };

let system: System;
/** Until then some deliveries wait, and others die. */
let isMended = false;

const handlers = failingHandlers({ waits: () => !isMended, dies: () => !isMended, afterMs: 50, maxAttempts: 2 });

beforeAll(async () => {
  system = await startSystem({ partitions: PARTITIONS });
});
afterAll(() => system.stop());

const count = (table: string): Promise<number> => countRows(system, `from hookline.${table}`);

const CLEAN = { code: 0, found: { problems: [], more: [], partitions: PARTITIONS, log: true } };

async function verify() {
  const { code, stdout, stderr } = await hookline(system, 'verify', '--json');
  if (stdout === '') throw new Error(`hookline verify said nothing on stdout: ${stderr}`);
  return { code, found: JSON.parse(stdout) as typeof CLEAN.found };
}

/** What a redelivery has reset is not dead any more: a redrive that comes second is refused, as it must be. */
const OVERTAKEN = /^ {2}refused \d+: (None of its dead letters is open any more|Its dead letters are of generation)/m;

/** Looks at a system in which things are decided meanwhile. */
async function expectCleanWhile(...command: string[]): Promise<void> {
  const before = await countAudit(system);
  const [found, { code, stderr }] = await Promise.all([
    verify(),
    hookline(system, ...command, '--why', 'a test', '--wait', '120'),
  ]);
  const refused = OVERTAKEN.test(stderr);
  expect({ code, said: code === 0 || refused ? '' : stderr }).toEqual({ code: refused ? 1 : 0, said: '' });
  expect(stderr).toContain('Applied');
  expect(found).toEqual(CLEAN);
  expect(await countAudit(system)).toBeGreaterThan(before);
}

describe('hookline verify', () => {
  // What finds something where nothing is damaged is soon not believed any more. Its rules are over several tables, all of
  // which are being written to, by slices, lanes, commands and a takeover; each must hold in every state between two commits.
  it('finds nothing in a busy system, where deliveries wait, die, come again, and are decided about', async () => {
    const [ingest, unaware] = await Promise.all([system.startIngest(system.lookUp), system.startIngest()]);
    const urls = [ingest.url, unaware.url];
    const leaving = await startProcessorHere(system, handlers, SETTINGS);
    await startProcessorHere(system, handlers, SETTINGS);
    const load = startLoad(urls, REPOSITORIES, (repository, nth) => ({
      ...(repository === WAITING && { waits: true }),
      ...(repository === DYING && nth % 5 === 3 && { dies: true }),
    }));
    const copies = startCopies(load, urls);
    const there = ['lanes', 'dead_letters', 'held_deliveries'];
    await until('deliveries wait, are dead and held', async () =>
      (await Promise.all(there.map(count))).every((rows) => rows > 0),
    );

    await expectCleanWhile('lanes', 'hold', keyOf(WAITING));
    await expectCleanWhile('lanes', 'skip', keyOf(WAITING), '--yes');
    await expectCleanWhile('dead-letters', 'redrive', '--handler', 'deadly', '--yes');
    await leaving.stop();
    await startProcessorHere(system, handlers, SETTINGS);
    const [replay] = copies.captured as [GithubDelivery];
    await expectCleanWhile('replays', 'release', replay.guid, '--yes');
    const another = copies.captured.find(({ body }) => !body.equals(replay.body));
    await expectCleanWhile('replays', 'discard', String(another?.guid), '--yes');
    isMended = true;
    await expectCleanWhile('lanes', 'release', keyOf(WAITING));

    await Promise.all([load.stop(), copies.stop()]);
    await untilCaughtUp(system);
    expect(await verify()).toEqual(CLEAN);
    for (const decision of DECISIONS) {
      expect({ decision, rows: await countAudit(system, decision) }).not.toEqual({ decision, rows: 0 });
    }
  }, 180_000);

  it('finds what is then done to it by hand', async () => {
    const { rows } = await system.database.query<{ partition: number; offset: string }>(
      `delete from hookline.audit_log
        where audit_id = (select min(audit_id) from hookline.audit_log where decision = 'duplicate' and kafka_offset > 20)
       returning kafka_partition as partition, kafka_offset::text as "offset"`,
    );
    const [place] = rows;
    expect(await verify()).toMatchObject({ code: 1, found: { problems: [{ code: 'AUDIT_GAP', ...place }] } });
  });
});
