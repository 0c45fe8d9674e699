import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { partitionOf } from '@hookline/contracts';
import { until, type ServiceProcess } from '@hookline/test-support';
import type { Harm } from '../programs/harm.ts';
import { openKafkaLink, type KafkaLink } from '../system/kafka-link.ts';
import { epochsOf, partitionsOf, untilShared, writtenIn } from '../system/members.ts';
import { startSystem, type IngestProcess, type System } from '../system/start-system.ts';
import {
  githubDeliveries,
  githubDelivery,
  repositoriesByPartition,
  type GithubDelivery,
} from '../traffic/github-delivery.ts';
import { createSender, type Sender } from '../traffic/sender.ts';
import { expectEachOnceInOrder } from '../verify/expect-each-once-in-order.ts';
import { untilCaughtUp } from '../verify/read-state.ts';

const HARMED = 'tests/e2e/src/programs/harmed-processor.ts';
const PARTITIONS = 4;

let system: System;
let ingest: IngestProcess;
let sender: Sender;
let link: KafkaLink;
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hookline-'));
  system = await startSystem({ partitions: PARTITIONS });
  link = await openKafkaLink(system.stack.brokers[0] as string);
  ingest = await system.startIngest();
  sender = createSender();
});
afterEach(async () => {
  sender.close();
  // What still computes hears no signal but this.
  await writeFile(join(directory, 'over'), '');
  link.release();
  await system.stop();
  link.close();
  await rm(directory, { recursive: true });
});

async function post(deliveries: readonly GithubDelivery[]): Promise<void> {
  await sender.postAll(
    deliveries.map((delivery) => ({ delivery, url: ingest.url })),
    8,
  );
}

const WAYS: { how: string; harm: Harm; said: string; wake: (owner: ServiceProcess) => unknown }[] = [
  {
    how: 'frozen in mid-transaction',
    harm: 'freeze',
    said: 'freezes',
    wake: (owner) => owner.signal('SIGCONT'),
  },
  {
    how: 'frozen just before its COMMIT',
    harm: 'freeze-before-commit',
    said: 'freezes',
    wake: (owner) => owner.signal('SIGCONT'),
  },
  {
    how: 'kept from its event loop for longer than the session',
    harm: 'block',
    said: 'blocks',
    wake: () => writeFile(join(directory, 'over'), ''),
  },
];

// It believes in the middle of its transaction that the partition is its own, and still does when it goes on: Kafka
// cannot tell it, because its way there is held until it has tried again. Only the fence stands between it and a commit.
describe('an owner that loses its partition and is not told', () => {
  it.each(WAYS)('commits nothing for it any more: $how', async ({ harm, said, wake }) => {
    const settings = { HOOKLINE_SLICE_RECORDS: '1' };
    const harmed = { HARM: harm, BROKER_PORT: String(link.port), BLOCKED_UNTIL: join(directory, 'over') };
    const owner = system.start({ main: HARMED, env: { ...settings, ...harmed, HOOKLINE_WATCHDOG_MS: '0' } });
    const heir = system.start({ main: HARMED, env: settings });
    await untilShared(system, owner, heir);
    const repositories = repositoriesByPartition(PARTITIONS, partitionOf);
    await post(repositories.map((repository) => githubDelivery(repository)));
    await untilCaughtUp(system);

    const partition = partitionsOf(owner)[0] as number;
    const repository = repositories[partition] as number;
    const epochs = epochsOf(owner);
    await post([githubDelivery(repository, { harmful: true })]);
    await owner.logged(said);
    link.hold();
    await post(Array.from({ length: 20 }, () => githubDelivery(repository)));

    const taken = await heir.logged('took the partition over', { partition, terminated: 1 });
    await untilCaughtUp(system);
    const before = await writtenIn(system, epochs);
    const logged = owner.log.length;
    await wake(owner);
    await owner.logged('fenced out: a later owner has the partition', { partition });
    link.release();
    await until(
      'it is a member again',
      () => owner.log.slice(logged).some(({ msg }) => msg === 'joined the consumer group'),
      60_000,
    );
    await untilShared(system, owner, heir);
    await post(githubDeliveries(40, 40));
    await untilCaughtUp(system);

    expect(BigInt(String(taken['epoch']))).toBeGreaterThan(BigInt(epochs.get(partition) as string));
    expect(await writtenIn(system, epochs)).toBe(before);
    await expectEachOnceInOrder(system, sender.answers);
    expect(await Promise.all([owner.stop(), heir.stop()])).toMatchObject([{ code: 0 }, { code: 0 }]);
  });
});
