import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { partitionOf, topicName } from '@hookline/contracts';
import { readDeliveries, until } from '@hookline/test-support';
import { failingHandlers } from './system/failing-handlers.ts';
import { hooklineWith, movingSettings } from './system/hookline.ts';
import { startLoad } from './system/load.ts';
import { startProcessorHere } from './system/processor-here.ts';
import { startSystem, type System } from './system/start-system.ts';
import { countRows } from './verify/read-state.ts';

const PARTITIONS = 4;
/** Three of each owner. */
const REPOSITORIES = Array.from({ length: 9 }, (_, i) => 8000 + i);
const ownerOf = (repository: number) => 70 + Math.floor((repository - 8000) / 3);
const [WAITING, DYING, HELD] = [70, 71, 72];
const keyOf = (owner: number) => `github.com/owner/${owner}`;

const SETTINGS = {
  HOOKLINE_TOPIC_NEXT_PARTITIONS: String(PARTITIONS),
  HOOKLINE_NEXT_KEY_RULE: 'owner',
  HOOKLINE_LANE_RETRY_MIN_MS: '100',
  HOOKLINE_LANE_RETRY_MAX_MS: '300',
};
const AFTERWARDS = { HOOKLINE_TOPIC_GENERATION: '2', HOOKLINE_KEY_RULE: 'owner' };

let system: System;
let next: string;
/** Until then some handlers fail. */
let isMended = false;

const handlers = failingHandlers({ waits: () => !isMended, dies: () => !isMended });

beforeAll(async () => {
  system = await startSystem({ partitions: PARTITIONS });
  next = topicName(system.topic, 2);
});
afterAll(() => system.stop());

const count = (from: string): Promise<number> => countRows(system, from);

/** Runs a command to its end; what is not all right is an error. */
async function hookline(args: string[], settings: Record<string, string> = {}): Promise<void> {
  const { code, stdout, stderr } = await hooklineWith(system, settings, ...args);
  expect({ args, code, said: code === 0 ? '' : stdout + stderr }).toEqual({ args, code: 0, said: '' });
}

const BY = ['--why', 'a test', '--wait', '120'];

/** What handlers have ended with, in that order. */
async function readEnds(): Promise<{ guid: string }[]> {
  const { rows } = await system.database.query<{ guid: string }>(
    `select guid::text from hookline.audit_log
      where decision = 'processed' or (decision = 'dead-lettered' and stage = 'lane') order by audit_id`,
  );
  return rows;
}

describe('a move to the key rule `owner`, under load', () => {
  // What waits of several repositories comes to be in one order. None of them may lose its own by that, nor be run by two.
  it('keeps the order of each repository, and has what waits and what comes in one lane for each owner', async () => {
    const ingests = await Promise.all([system.startIngest(SETTINGS), system.startIngest(SETTINGS)]);
    for (const _ of [1, 2]) await startProcessorHere(system, handlers, SETTINGS);
    const load = startLoad(
      ingests.map(({ url }) => url),
      REPOSITORIES,
      (repository, nth) => ({
        repository: { id: repository, owner: { id: ownerOf(repository) } },
        ...(ownerOf(repository) === WAITING && nth === 5 && { waits: true }),
        ...(ownerOf(repository) === DYING && nth === 10 && { dies: true }),
      }),
    );
    const held = REPOSITORIES.at(-1) as number;
    await hookline(['lanes', 'hold', `github.com/repository/${held}`, ...BY]);
    const staying = [...REPOSITORIES.filter((one) => ownerOf(one) === WAITING), held].map(
      (repository) => `'github.com/repository/${repository}'`,
    );
    await until('lanes wait, and deliveries are dead', async () => {
      const lanes = await count(`from hookline.lanes where records > 0 and ordering_key in (${staying.join(', ')})`);
      return lanes === staying.length && (await count('from hookline.dead_letters')) >= 3;
    });
    await hookline(['topics', 'generation', '--yes', ...BY], {
      ...SETTINGS,
      ...movingSettings(system),
    });
    await until(
      'the new topic is read',
      async () => (await count(`from hookline.audit_log where topic = '${next}'`)) > 200,
    );
    await load.stop();

    const lanes = await system.database.query<{ key: string; state: string; partition: number }>(
      `select ordering_key as key, state, kafka_partition as partition from hookline.lanes order by key`,
    );
    expect(lanes.rows.filter(({ key }) => key !== keyOf(DYING))).toEqual([
      { key: keyOf(WAITING), state: 'retrying', partition: partitionOf(keyOf(WAITING), PARTITIONS) },
      { key: keyOf(HELD), state: 'held', partition: partitionOf(keyOf(HELD), PARTITIONS) },
    ]);
    isMended = true;
    await hookline(['dead-letters', 'redrive', '--key', keyOf(DYING), '--yes', ...BY], AFTERWARDS);
    await hookline(['lanes', 'release', keyOf(HELD), ...BY], AFTERWARDS);
    await until(
      'all that was accepted has ended',
      async () => {
        const ended = new Set((await readEnds()).map(({ guid }) => guid)).size;
        return ended === load.count() && (await count('from hookline.lanes')) === 0;
      },
      60_000,
    );

    expect(await count(`from hookline.dead_letters where state <> 'redriven'`)).toBe(0);
    await hookline(['verify'], { ...AFTERWARDS, HOOKLINE_DATABASE_URL: system.databaseUrl });
    // By this a repository is erased: its key does not tell it any more.
    expect(
      await count(
        `from hookline.audit_log where stage in ('log', 'lane') and guid is not null and repository_id is null`,
      ),
    ).toBe(0);
    // A redriven one ends twice: dead, and then again. The first is its turn.
    const ends = await readEnds();
    const order = [...new Set(ends.map(({ guid }) => guid))];
    for (const deliveries of load.accepted.values()) {
      const guids = new Set(deliveries.map(({ guid }) => guid));
      expect(order.filter((guid) => guids.has(guid))).toEqual([...guids]);
    }
    // What the new topic has of an owner is one order, that of its log, over all of its repositories. A delivery whose append
    // to the old topic was not acknowledged can be in both, and is of the old one.
    const ofOld = new Set((await readDeliveries(system.stack, system.topic)).map(({ delivery }) => delivery.guid));
    const inNew = Map.groupBy(await readDeliveries(system.stack, next), ({ key }) => key);
    expect([...inNew.keys()].toSorted()).toEqual([WAITING, DYING, HELD].map(keyOf));
    for (const records of inNew.values()) {
      const guids = new Set(records.map(({ delivery }) => delivery.guid).filter((guid) => !ofOld.has(guid)));
      expect(order.filter((guid) => guids.has(guid))).toEqual([...guids]);
    }
  }, 240_000);
});
