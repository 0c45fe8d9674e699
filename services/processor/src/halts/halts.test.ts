import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  clearHalt,
  makeRanges,
  readCommand,
  readCommandOutcome,
  readHalts,
  requestResume,
  takeOverPartition,
  type Database,
  type ResumeCommand,
  type Takeover,
} from '@hookline/database';
import type { LogBounds } from '@hookline/kafka';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo, until } from '@hookline/test-support';
import { notedEvents } from '../testing/noted-events.ts';
import { createHalts } from './create-halts.ts';
import type { Halt } from './halt.ts';
import { createHaltWait } from './halt-wait.ts';

let db: TestDatabase;
let database: Database;
let partition = 0;

beforeAll(async () => {
  db = await testDatabase();
  database = connectTo(db.url);
  await makeRanges(database);
});

afterAll(async () => {
  await database.close();
  await db.drop();
});

const BOUNDS: LogBounds = { start: 5n, end: 20n, committed: null };
const HALT: Halt = { reason: 'LOG_DIFFERS', detail: 'Another record.', nextOffset: 10n };

/** A partition of its own that `owner` has at offset 10, halted or not yet. */
async function setUp(bounds: LogBounds | Error = BOUNDS) {
  const place = { consumerGroup: 'g', topic: 't', partition: partition++ };
  const { events, errors } = notedEvents();
  const settings = {
    database,
    owner: 'me',
    readBounds: () => (bounds instanceof Error ? Promise.reject(bounds) : Promise.resolve(bounds)),
    events,
  };
  const take = async (owner: string) => ((await takeOverPartition(database, place, owner, 10n)) as Takeover).fence;
  const fence = await take('me');
  return {
    place,
    fence,
    errors,
    settings,
    take,
    wait: createHaltWait(settings, fence, HALT),
    halt: async () => (await readHalts(database, place)).find((row) => row.partition === place.partition),
    async decide(changes: Partial<ResumeCommand> = {}): Promise<string> {
      const commandId = randomUUID();
      const decided = { decidedReason: 'LOG_DIFFERS', decidedNextOffset: 10n, actor: 'ada', why: 'because' };
      const resume = { from: 'log-start', offset: null } as const;
      await requestResume(database, place, { commandId, resume, ...decided, ...changes });
      return commandId;
    },
    async audit() {
      const { rows } = await database.query<{ decision: string; actor: string }>(
        `select decision, actor from hookline.audit_log
          where stage = 'partition' and kafka_partition = $1 order by audit_id`,
        [place.partition],
      );
      return rows.map(({ decision, actor }) => `${decision} by ${actor}`);
    },
  };
}

describe('a halted partition', () => {
  it('is written down once with what Kafka has, and waits', async () => {
    const { wait, halt } = await setUp();
    expect(await wait.tick()).toBeNull();
    const first = await halt();
    expect(first).toMatchObject({ reason: 'LOG_DIFFERS', nextOffset: 10n, logStart: 5n, logEnd: 20n, owner: 'me' });
    expect(await wait.tick()).toBeNull();
    expect(await halt()).toEqual(first);
  });

  it('is written down without Kafka, too: whoever decides can ask it', async () => {
    const { wait, halt } = await setUp(new Error('away'));
    expect(await wait.tick()).toBeNull();
    expect(await halt()).toMatchObject({ reason: 'LOG_DIFFERS', logStart: null, logEnd: null });
  });

  it('is resumed by what a human has decided, once, and audited', async () => {
    const { wait, decide, halt, audit } = await setUp();
    await wait.tick();
    const commandId = await decide();
    expect(await wait.tick()).toBe('RESUMED');
    expect(await halt()).toBeUndefined();
    expect(await readCommandOutcome(database, commandId)).toMatchObject({ outcome: 'applied' });
    expect(await audit()).toEqual(['resumed by ada']);
  });

  // Nobody has decided about the state that it is in now.
  it('refuses what was decided on another state, and waits for the next decision', async () => {
    const { wait, decide, halt, audit } = await setUp();
    await wait.tick();
    await decide({ decidedReason: 'LOG_EXPIRED' });
    await decide({ decidedNextOffset: 9n });
    await decide({ resume: { from: 'offset', offset: 21n } });
    for (let i = 0; i < 3; i++) expect(await wait.tick()).toBeNull();
    expect(await audit()).toEqual(['refused by ada', 'refused by ada', 'refused by ada']);
    expect(await halt()).toBeDefined();
    await decide();
    expect(await wait.tick()).toBe('RESUMED');
  });

  // The one that wakes up late must not halt, on paper, what its heir is processing.
  it('is not written down by an owner that another has followed', async () => {
    const { wait, take, halt } = await setUp();
    await take('another');
    expect(await wait.tick()).toBe('FENCED');
    expect(await halt()).toBeUndefined();
  });

  it('is given up when another owner has halted it, or has ended the halt', async () => {
    const halted = await setUp();
    await halted.wait.tick();
    const other = { ...halted.settings, owner: 'another' };
    await createHaltWait(other, await halted.take('another'), { ...HALT, reason: 'LOG_TOO_SHORT' }).tick();
    expect(await halted.wait.tick()).toBe('FENCED');

    const ended = await setUp();
    await ended.wait.tick();
    await clearHalt(database, ended.fence);
    expect(await ended.wait.tick()).toBe('FENCED');
  });

  it('waits on, and says so, while the database is away, and ends when it is given up', async () => {
    const { settings, fence, place, errors } = await setUp();
    const closed = connectTo(db.url);
    await closed.close();
    const closing = new AbortController();
    const ending = createHalts({ ...settings, database: closed }, 1).wait(fence, HALT, closing.signal);
    await until('three complaints', () => errors.filter((error) => error.startsWith('halt retried')).length >= 3);
    closing.abort();
    expect(await ending).toBe('CLOSED');
    expect((await readHalts(database, place)).some((row) => row.partition === place.partition)).toBe(false);
  });

  it('goes on where the former owner has died between the command and its application', async () => {
    const { wait, take, decide, settings, audit } = await setUp();
    await wait.tick();
    await decide();
    const heir = createHaltWait({ ...settings, owner: 'heir' }, await take('heir'), HALT);
    expect(await heir.tick()).toBe('RESUMED');
    // The dead one was only frozen.
    expect(await wait.tick()).toBe('FENCED');
    expect(await audit()).toEqual(['resumed by ada']);
  });
});

describe('a partition that was taken over', () => {
  it('ends a halt that its takeover has not found again, and what was decided about it comes too late', async () => {
    const { settings, fence, take, decide, halt, audit, place } = await setUp();
    await createHaltWait(settings, fence, { ...HALT, reason: 'LOG_TOO_SHORT' }).tick();
    await decide({ decidedReason: 'LOG_TOO_SHORT' });
    await createHalts(settings, 1).tookOver(await take('me'));
    expect(await halt()).toBeUndefined();
    expect(await readCommand(database, place)).toBeNull();
    expect(await audit()).toEqual(['refused by ada']);
  });

  // The decision was made while every processor was down: that the takeover went well says nothing about this halt.
  it('keeps a halt that only reading can find again, with its decision, until records are committed', async () => {
    const { settings, fence, take, decide, halt, audit, place } = await setUp();
    await createHaltWait(settings, fence, HALT).tick();
    await decide();
    const halts = createHalts(settings, 1);
    await halts.tookOver(await take('me'));
    expect(await halt()).toBeDefined();
    expect(await readCommand(database, place)).not.toBeNull();
    halts.advanced(place.partition);
    await until('the halt to be over', async () => (await halt()) === undefined);
    await until('the refusal', async () => (await audit()).length === 1);
    expect(await audit()).toEqual(['refused by ada']);
  });
});
