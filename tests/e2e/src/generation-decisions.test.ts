import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { partitionOf, topicName } from '@hookline/contracts';
import { until } from '@hookline/test-support';
import { failingHandlers } from './system/failing-handlers.ts';
import { hooklineWith, movingSettings } from './system/hookline.ts';
import { startProcessorHere } from './system/processor-here.ts';
import { startSystem, type System } from './system/start-system.ts';
import { githubDelivery, underGuid, type GithubDelivery } from './traffic/github-delivery.ts';
import { createSender, type Sender } from './traffic/sender.ts';
import { countRows } from './verify/read-state.ts';

const OLD = 4;
const NEW = 7;
const SETTINGS = {
  HOOKLINE_TOPIC_NEXT_PARTITIONS: String(NEW),
  HOOKLINE_LANE_RETRY_MIN_MS: '100',
  HOOKLINE_LANE_RETRY_MAX_MS: '300',
};
const AFTERWARDS = { HOOKLINE_TOPIC_GENERATION: '2', HOOKLINE_TOPIC_PARTITIONS: String(NEW) };

const keyOf = (repository: number) => `github.com/repository/${repository}`;

/** Four repositories whose place is another one in the new topic. */
const [RELEASED, DISCARDED, REDRIVEN, HELD] = Array.from({ length: 100 }, (_, i) => 7000 + i).filter(
  (repository) => partitionOf(keyOf(repository), OLD) !== partitionOf(keyOf(repository), NEW),
) as [number, number, number, number];

let system: System;
let next: string;
let sender: Sender;
let url: string;
/** Until then some handlers fail. */
let isMended = false;

const handlers = failingHandlers({ waits: () => !isMended, dies: () => !isMended });

beforeAll(async () => {
  system = await startSystem({ partitions: OLD });
  next = topicName(system.topic, 2);
  sender = createSender();
});
afterAll(async () => {
  sender.close();
  await system.stop();
});

async function send(...deliveries: GithubDelivery[]): Promise<void> {
  for (const delivery of deliveries) expect(await sender.post({ delivery, url })).toBe(202);
}

/** A decision; it waits until that is applied. */
async function decide(args: string[], settings: Record<string, string> = {}): Promise<void> {
  const { code, stderr } = await hooklineWith(system, settings, ...args, '--why', 'a test', '--wait', '120');
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: expect.any(String) });
}

/** What became of deliveries of a repository, one after the other: which one, where its key was, and what. */
async function storyOf(repository: number, ...deliveries: GithubDelivery[]): Promise<string[]> {
  const { rows } = await system.database.query<{ guid: string; topic: string; partition: number; what: string }>(
    `select guid::text, topic, kafka_partition as partition, stage || ' ' || decision as what
       from hookline.audit_log where guid = any($1) and decision <> 'retried' order by audit_id`,
    [deliveries.map(({ guid }) => guid)],
  );
  const places = new Map([
    [`${system.topic} ${partitionOf(keyOf(repository), OLD)}`, 'old'],
    [`${next} ${partitionOf(keyOf(repository), NEW)}`, 'new'],
  ]);
  return rows.map(({ guid, topic, partition, what }) => {
    const nth = deliveries.findIndex((delivery) => delivery.guid === guid);
    return `${nth} ${places.get(`${topic} ${partition}`)} ${what}`;
  });
}

const untilCount = (what: string, n: number, from: string) =>
  until(what, async () => (await countRows(system, from)) === n, 60_000);

/** How often the projection has counted a delivery of a repository. */
async function ran(repository: number): Promise<number> {
  const { rows } = await system.database.query<{ n: number }>(
    'select deliveries::integer as n from hookline.repository_activity where ordering_key = $1',
    [keyOf(repository)],
  );
  return rows[0]?.n ?? 0;
}

describe('what waits for an operator, when the log moves to more partitions', () => {
  // Left behind, or with the place of the old log, it would be found by nobody, run beside its key's lane, or be run twice.
  it('is decided about afterwards, and runs once, in order, in the lane of its key in the new topic', async () => {
    const processor = await startProcessorHere(system, handlers, SETTINGS);
    ({ url } = await system.startIngest(SETTINGS));
    const genuine = [RELEASED, DISCARDED].map((repository) => githubDelivery(repository)) as [
      GithubDelivery,
      GithubDelivery,
    ];
    const [toRelease, toDiscard] = [underGuid(genuine[0]), underGuid(genuine[1])];
    const dead = githubDelivery(REDRIVEN, { dies: true });
    const [first, second, third] = [githubDelivery(HELD), githubDelivery(HELD), githubDelivery(HELD)];
    await decide(['lanes', 'hold', keyOf(HELD)]);
    await send(...genuine, toRelease, toDiscard, dead, first, second);
    await untilCount('both replays are held', 2, `from hookline.held_deliveries where state = 'held'`);
    await untilCount('one is dead', 1, 'from hookline.dead_letters');
    await untilCount('two wait in the held lane', 2, 'from hookline.lane_deliveries');

    await decide(['topics', 'generation', '--yes'], { ...SETTINGS, ...movingSettings(system) });
    const [waiting, behind] = [githubDelivery(RELEASED, { waits: true }), githubDelivery(RELEASED)];
    await send(waiting, third);
    await untilCount('they wait in the new topic', 4, `from hookline.lane_deliveries where topic = '${next}'`);

    await decide(['replays', 'discard', toDiscard.guid, '--yes'], AFTERWARDS);
    await decide(['replays', 'release', toRelease.guid, '--yes'], AFTERWARDS);
    await send(toDiscard, toRelease, behind);
    await untilCount('all wait behind one another', 6, `from hookline.lane_deliveries where topic = '${next}'`);
    expect(await ran(HELD)).toBe(0);
    isMended = true;
    await decide(['lanes', 'release', keyOf(HELD)], AFTERWARDS);
    await decide(['dead-letters', 'redrive', '--key', keyOf(REDRIVEN), '--yes'], AFTERWARDS);
    await untilCount('no lane is open', 0, 'from hookline.lanes');

    expect(await storyOf(RELEASED, genuine[0], waiting, toRelease, behind)).toEqual([
      '0 old log processed',
      '2 old log held',
      '1 new log parked',
      '2 new operator released',
      '2 new log reset',
      '3 new log parked',
      '1 new lane processed',
      '2 new lane processed',
      '3 new lane processed',
    ]);
    expect(await storyOf(DISCARDED, genuine[1], toDiscard)).toEqual([
      '0 old log processed',
      '1 old log held',
      '1 new operator discarded',
      '1 new log duplicate',
    ]);
    expect(await storyOf(REDRIVEN, dead)).toEqual([
      '0 old log parked',
      '0 old lane dead-lettered',
      '0 new operator redriven',
      '0 new lane processed',
    ]);
    expect(await storyOf(HELD, first, second, third)).toEqual([
      '0 old log parked',
      '1 old log parked',
      '2 new log parked',
      '0 new lane processed',
      '1 new lane processed',
      '2 new lane processed',
    ]);
    expect(await Promise.all([RELEASED, DISCARDED, REDRIVEN, HELD].map(ran))).toEqual([4, 1, 1, 3]);
    await processor.stop();
  }, 240_000);
});
