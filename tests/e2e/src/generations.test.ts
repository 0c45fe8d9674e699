import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { partitionOf, topicName } from '@hookline/contracts';
import { readGenerations } from '@hookline/database';
import { readDeliveries, until, type ProcessEnd, type ServiceProcess } from '@hookline/test-support';
import { failingHandlers } from './system/failing-handlers.ts';
import { movingSettings } from './system/hookline.ts';
import { startLoad, type Load } from './system/load.ts';
import { startProcessorHere } from './system/processor-here.ts';
import { startSystem, type System } from './system/start-system.ts';
import { countRows } from './verify/read-state.ts';

const OLD = 4;
const NEW = 7;
const REPOSITORIES = Array.from({ length: 12 }, (_, i) => 5000 + i);
const WAITING = REPOSITORIES.slice(0, 3);
const DYING = REPOSITORIES.slice(3, 6);

const SETTINGS = { HOOKLINE_TOPIC_NEXT_PARTITIONS: String(NEW) };

let system: System;
let next: string;
/** Until then some repositories wait. */
let isMended = false;

const handlers = failingHandlers({ waits: () => !isMended, dies: () => true });

beforeAll(async () => {
  system = await startSystem({ partitions: OLD });
  next = topicName(system.topic, 2);
});
afterAll(() => system.stop());

const count = (from: string): Promise<number> => countRows(system, from);

const stateOf = async (topic: string) => (await readGenerations(system.database, [topic]))[0]?.state;

/** @param onStderr told what it says */
function moveGeneration(onStderr?: (text: string) => void): ServiceProcess {
  return system.start({
    ...(onStderr && { onStderr }),
    main: 'packages/cli/src/main.ts',
    args: ['topics', 'generation', '--yes', '--why', 'more partitions', '--as', 'the test', '--json'],
    env: {
      ...SETTINGS,
      ...movingSettings(system),
    },
  });
}

/** Kills a command when the old topic has come to a state; one that ends by itself has said why. */
async function killAt(command: ServiceProcess, isThere: (state: string | undefined) => boolean): Promise<void> {
  let end: object | undefined;
  const ended = command.ended.then((how) => (end = how));
  await until(
    'the command has come that far',
    async () => {
      if (isThere(await stateOf(system.topic))) return true;
      if (end) throw new Error(`It has ended: ${JSON.stringify(end)}`);
      return false;
    },
    90_000,
  );
  command.signal('SIGKILL');
  await ended;
}

/** Moves the log, and says how far the command has come where that does not come to an end. */
async function moved(): Promise<ProcessEnd> {
  let said = '';
  let end: ProcessEnd | undefined;
  const command = moveGeneration((text) => (said += text));
  void command.ended.then((how) => (end = how));
  try {
    return await until('the command has ended', () => end, 120_000);
  } catch (error) {
    throw new Error(`It says: ${said}`, { cause: error });
  }
}

/** The two logs one after the other, and what was made of them, against what was answered. */
async function expectEachOnceInOrder(load: Load): Promise<void> {
  const { rows } = await system.database.query<{ key: string; guid: string; decision: string }>(
    `select ordering_key as key, guid::text, decision from hookline.audit_log
      where decision in ('processed', 'dead-lettered') and guid is not null order by audit_id`,
  );
  const ended = Map.groupBy(rows, (row) => row.key);
  for (const [repository, deliveries] of load.accepted) {
    expect(ended.get(repository)?.map(({ guid }) => guid)).toEqual(deliveries.map(({ guid }) => guid));
  }
  const logs = [...(await readDeliveries(system.stack, system.topic)), ...(await readDeliveries(system.stack, next))];
  const inLog = Map.groupBy(logs, (record) => record.key);
  for (const [repository, deliveries] of load.accepted) {
    const guids = [...new Set(inLog.get(repository)?.map(({ delivery }) => delivery.guid))];
    expect(guids).toEqual(deliveries.map(({ guid }) => guid));
  }
}

/** I4: what is below a stored offset, of either topic, has exactly one row. */
async function expectAuditComplete(): Promise<void> {
  const { rows } = await system.database.query<{ topic: string; gaps: string; next: string; audited: string }>(
    `select held.topic, held.next_offset::text as next, count(audit.kafka_offset)::text as audited,
            count(distinct audit.kafka_offset)::text as gaps
       from hookline.partition_offsets held
       left join hookline.audit_log audit
         on audit.topic = held.topic and audit.kafka_partition = held.kafka_partition and audit.stage = 'log'
        and audit.kafka_offset < held.next_offset
      group by held.topic, held.kafka_partition, held.next_offset`,
  );
  expect(rows).toHaveLength(OLD + NEW);
  expect(rows.filter(({ next: to, audited, gaps }) => to !== audited || to !== gaps)).toEqual([]);
}

describe('a move to more partitions, under load, by a command that is killed twice', () => {
  // A delivery that is accepted in the middle of it is in one topic or the other; a lane, and what is dead, would be left
  // behind where nobody looks, or be overtaken by later deliveries of the same repository.
  it('processes every accepted delivery once, in order over both topics, and takes along what waits', async () => {
    const ingests = await Promise.all([system.startIngest(SETTINGS), system.startIngest(SETTINGS)]);
    const settings = { ...SETTINGS, HOOKLINE_LANE_RETRY_MIN_MS: '100', HOOKLINE_LANE_RETRY_MAX_MS: '300' };
    const processors = [
      await startProcessorHere(system, handlers, settings),
      await startProcessorHere(system, handlers, settings),
    ];
    const load = startLoad(
      ingests.map(({ url }) => url),
      REPOSITORIES,
      (repository, nth) => ({
        ...(WAITING.includes(repository) && nth === 5 && { waits: true }),
        ...(DYING.includes(repository) && nth % 20 === 10 && { dies: true }),
      }),
    );
    await until(
      'lanes wait, and deliveries are dead',
      async () => {
        const lanes = await count('from hookline.lanes');
        return lanes >= WAITING.length && (await count('from hookline.dead_letters')) >= 4;
      },
      120_000,
    );

    // What is in the old topic is not processed until then: the command is killed in the middle of its states for sure.
    await Promise.all(processors.map((processor) => processor.stop()));
    await killAt(moveGeneration(), (state) => state !== 'active');
    await killAt(moveGeneration(), (state) => state === 'draining');
    expect(await stateOf(next)).toBe('prepared');
    const before = load.count();
    await until('deliveries are accepted in between', () => load.count() > before + 100);
    expect(await count(`from hookline.audit_log where topic = '${next}'`)).toBe(0);
    const others = [
      await startProcessorHere(system, handlers, settings),
      await startProcessorHere(system, handlers, settings),
    ];
    const { code, stdout, stderr } = await moved();
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('Moved: ') });
    const { moved: counts } = JSON.parse(stdout) as { moved: Record<string, number> };
    expect(counts['lanes']).toBeGreaterThanOrEqual(WAITING.length);
    expect(counts['waiting']).toBeGreaterThan(WAITING.length);
    expect(counts['dead']).toBeGreaterThanOrEqual(4);
    expect([await stateOf(system.topic), await stateOf(next)]).toEqual(['moved', 'active']);

    const dead = await system.database.query<{
      key: string;
      partition: number;
      topic: string;
      guid: string;
      was: string;
    }>(
      `select dead.ordering_key as key, dead.kafka_partition as partition, dead.topic, dead.guid::text,
              former.topic || '/' || former.kafka_partition || '/' || dead.kafka_offset as was
         from hookline.dead_letters join hookline.dead_deliveries dead
              using (consumer_group, topic, kafka_partition, incarnation, kafka_offset)
         join hookline.former_logs former using (incarnation)`,
    );
    expect(dead.rows.length).toBeGreaterThanOrEqual(4);
    const places = new Map(
      (await readDeliveries(system.stack, system.topic)).map((record) => [
        record.delivery.guid,
        `${system.topic}/${record.partition}/${record.offset}`,
      ]),
    );
    for (const row of dead.rows) {
      expect(row).toMatchObject({ topic: next, partition: partitionOf(row.key, NEW), was: places.get(row.guid) });
    }

    const afterwards = await count(`from hookline.audit_log where topic = '${next}'`);
    await until(
      'the new topic is read',
      async () => {
        return (await count(`from hookline.audit_log where topic = '${next}'`)) > afterwards + 200;
      },
      60_000,
    );
    await load.stop();
    expect(await count(`from hookline.lanes where topic = '${next}'`)).toBeGreaterThanOrEqual(WAITING.length);
    isMended = true;
    await until(
      'all that was accepted has ended',
      async () => {
        const ended = await count(
          `from (select distinct guid from hookline.audit_log where decision in ('processed', 'dead-lettered')) as one`,
        );
        return ended === load.count() && (await count('from hookline.lanes')) === 0;
      },
      60_000,
    );

    expect([...load.refused.keys()].filter((status) => status !== 503)).toEqual([]);
    await expectEachOnceInOrder(load);
    await expectAuditComplete();
    expect((await moved()).code).toBe(0);
    await Promise.all(others.map((processor) => processor.stop()));
  }, 480_000);
});
