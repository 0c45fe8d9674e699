import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { partitionOf } from '@hookline/contracts';
import { until, type ServiceProcess } from '@hookline/test-support';
import { startSystem, type IngestProcess, type System } from './system/start-system.ts';
import {
  githubDeliveries,
  githubDelivery,
  repositoriesByPartition,
  type GithubDelivery,
} from './traffic/github-delivery.ts';
import { createSender, type Sender } from './traffic/sender.ts';
import { expectEachOnceInOrder } from './verify/expect-each-once-in-order.ts';
import { readAudit, untilCaughtUp } from './verify/read-state.ts';

const PARTITIONS = 4;
const ALL = [0, 1, 2, 3];

let system: System;
let ingest: IngestProcess;
let sender: Sender;

beforeEach(async () => {
  system = await startSystem({ partitions: PARTITIONS });
  ingest = await system.startIngest();
  sender = createSender();
});
afterEach(async () => {
  sender.close();
  await system.stop();
});

async function post(deliveries: readonly GithubDelivery[]): Promise<void> {
  await sender.postAll(
    deliveries.map((delivery) => ({ delivery, url: ingest.url })),
    8,
  );
}

/** Partitions that its latest join gave to a processor. */
function partitionsOf({ log }: ServiceProcess): number[] {
  const line = log.findLast(({ msg }) => msg === 'joined the consumer group');
  return ((line?.['partitions'] ?? []) as number[]).toSorted((a, b) => a - b);
}

async function untilShared(one: ServiceProcess, other: ServiceProcess): Promise<void> {
  await until('two processors share the partitions', () => {
    const [ours, theirs] = [partitionsOf(one), partitionsOf(other)];
    const all = [...ours, ...theirs].toSorted((a, b) => a - b);
    return ours.length === 2 && theirs.length === 2 && String(all) === String(ALL);
  });
}

describe('two processors', () => {
  // With this session, waiting for it to end would take longer than the test lets it.
  it('share the partitions, and one that is told to stop hands its own over at once', async () => {
    const settings = { HOOKLINE_SESSION_TIMEOUT_MS: '30000', HOOKLINE_SLICE_RECORDS: '5' };
    const [leaving, staying] = [system.startProcessor(settings), system.startProcessor(settings)];
    await untilShared(leaving, staying);

    const sending = post(githubDeliveries(400, 40));
    const { code } = await leaving.stop();
    await until('the other has all', () => String(partitionsOf(staying)) === String(ALL), 15_000);
    await sending;
    await untilCaughtUp(system, 15_000);
    await expectEachOnceInOrder(system, sender.answers);
    expect(code).toBe(0);
    expect((await staying.stop()).code).toBe(0);
  }, 120_000);

  // The frozen one believes in the middle of its transaction that the partition is its own, and still does when it
  // wakes: nobody could tell it. What it then writes must come to nothing.
  it('lose a partition by freezing in mid-transaction, and commit nothing for it when they wake', async () => {
    const settings = { HOOKLINE_SLICE_RECORDS: '1' };
    const [frozen, heir] = [system.startProcessor(settings), system.startProcessor(settings)];
    await untilShared(frozen, heir);
    const repositories = repositoriesByPartition(PARTITIONS, partitionOf);
    await post(repositories.map((repository) => githubDelivery(repository)));
    await untilCaughtUp(system);

    const partition = partitionsOf(frozen)[0] as number;
    const repository = repositories[partition] as number;
    const epochs = epochsOf(frozen);
    const epoch = epochs.get(partition) as string;
    const letGo = await holdRow(`github.com/repository/${repository}`);
    await post(Array.from({ length: 50 }, () => githubDelivery(repository)));
    await until('its transaction waits for the row', () => hasWaitingSlice(partition, epoch));
    frozen.signal('SIGSTOP');

    const taken = await heir.logged('took the partition over', { partition, terminated: 1 });
    await until('the transaction of its heir waits, too', () => hasWaitingSlice(partition, String(taken['epoch'])));
    const before = await writtenIn(epochs);
    const logged = frozen.log.length;
    const isBack = () => frozen.log.slice(logged).some(({ msg }) => msg === 'joined the consumer group');
    frozen.signal('SIGCONT');
    // It tries again what it was doing, unless the group has told it first what it missed, which takes longer. Its heir
    // loses its connection: what the woken one has in its hands is now the very next record, nobody is before it, and
    // only its epoch stands between it and a commit.
    await until('it waits for the fence', async () => (await hasWaitingSlice(partition, epoch)) || isBack());
    await endTransaction(partition, String(taken['epoch']));
    await letGo();
    await until('it is a member again', isBack);
    await untilShared(frozen, heir);
    await post(githubDeliveries(40, 40));
    await untilCaughtUp(system);

    expect(BigInt(String(taken['epoch']))).toBeGreaterThan(BigInt(epoch));
    expect(await writtenIn(epochs)).toBe(before);
    await expectEachOnceInOrder(system, sender.answers);
    expect(await Promise.all([frozen.stop(), heir.stop()])).toMatchObject([{ code: 0 }, { code: 0 }]);
  }, 120_000);
});

/** Locks a row that the built-in handler is going to write; the returned function lets it go. */
async function holdRow(key: string): Promise<() => Promise<void>> {
  const client = await system.database.acquire();
  await client.query('begin');
  await client.query('select from hookline.repository_activity where ordering_key = $1 for update', [key]);
  return async () => {
    await client.query('rollback');
    client.release();
  };
}

const SLICE = `datname = current_database() and application_name like 'hookline/%/' || $1::text || '/' || $2::text`;

/** Whether the owner of that epoch is in the middle of a transaction and waits for a lock. */
async function hasWaitingSlice(partition: number, epoch: string): Promise<boolean> {
  const { rows } = await system.database.query(
    `select from pg_stat_activity where ${SLICE} and wait_event_type = 'Lock'`,
    [partition, epoch],
  );
  return rows.length > 0;
}

/** Ends the connection on which the owner of that epoch is in the middle of a transaction. */
async function endTransaction(partition: number, epoch: string): Promise<void> {
  await system.database.query(`select pg_terminate_backend(pid) from pg_stat_activity where ${SLICE}`, [
    partition,
    epoch,
  ]);
}

/** Epochs, by partition, that a processor has. */
function epochsOf(processor: ServiceProcess): Map<number, string> {
  const mine = partitionsOf(processor);
  const takeovers = processor.log.filter(({ msg }) => msg === 'took the partition over');
  return new Map(
    takeovers
      .map((line): [number, string] => [line['partition'] as number, String(line['epoch'])])
      .filter(([partition]) => mine.includes(partition)),
  );
}

/** How many records were decided in these epochs. */
async function writtenIn(epochs: ReadonlyMap<number, string>): Promise<number> {
  const audit = await readAudit(system);
  return audit.filter(({ partition, epoch }) => epochs.get(partition) === String(epoch)).length;
}
