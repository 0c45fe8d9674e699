import { createDatabaseAt, dropDatabaseAt } from '@hookline/database';
import { connectTo, deleteRecords, deleteTopic, until } from '@hookline/test-support';
import { nextOffsets } from '../system/next-offsets.ts';
import { createTopic, PARTITIONS, readCommitted, readEnds, type System } from '../system/system.ts';
import type { Attacker, Due, Fault } from './fault.ts';

const ALL = Array.from({ length: PARTITIONS }, (_, partition) => partition);
const fromLogStart = (): string => 'log-start';

/** Halting is the right answer to these, and an operator's decision then makes the system go on. */
export const lostDataFaults: Fault[] = [
  {
    name: 'topic-recreated',
    family: 'lost-data',
    title: 'the topic is deleted and made anew, empty, while processors are away',
    async lose({ system, note }) {
      await withoutProcessors(system, () => recreate(system));
      note('recreated');
      return { partitions: ALL, reasons: ['LOG_TOO_SHORT'], from: fromLogStart };
    },
  },
  {
    name: 'topic-recreated-meanwhile',
    family: 'lost-data',
    title: 'the topic is deleted and made anew under running processors',
    async lose({ system, note, send }) {
      await recreate(system);
      note('recreated');
      await send(300);
      const reasons = ['LOG_TOO_SHORT', 'LOG_DISCONTINUED', 'LOG_DIFFERS'];
      return { partitions: ALL, reasons, from: fromLogStart };
    },
  },
  {
    name: 'topic-refilled',
    family: 'lost-data',
    title: 'the topic is made anew and filled again, while processors are away',
    async lose({ system, note, send }) {
      const before = await readEnds(system);
      await withoutProcessors(system, async () => {
        await recreate(system);
        await send(1.5 * Number([...before.values()].reduce((sum, end) => sum + end)));
      });
      note('recreated and refilled');
      // Behind the log's first record: only there has the next owner a record to compare, with one that it must forget.
      return { partitions: ALL, reasons: ['LOG_DIFFERS', 'LOG_TOO_SHORT'], from: () => '1' };
    },
  },
  {
    name: 'records-expired',
    family: 'lost-data',
    title: 'records expire before they are read',
    async lose({ system, random, note, send }) {
      const partitions = random.shuffle(ALL).slice(0, 2);
      await withoutProcessors(system, async () => {
        await send(300);
        await expire(system, partitions);
      });
      note(`of partitions ${partitions.join(', ')}`);
      return { partitions, reasons: ['LOG_EXPIRED'], from: fromLogStart };
    },
  },
  {
    name: 'records-expired-after',
    family: 'lost-data',
    title: 'all records expire after they were processed: nothing may halt',
    async lose({ system, note }) {
      await withoutProcessors(system, () => expire(system, ALL));
      note('expired');
      return { partitions: [], reasons: [], from: fromLogStart };
    },
  },
  {
    name: 'database-restored',
    family: 'lost-data',
    title: 'an earlier state of the database is restored',
    complete: true,
    lose: restore,
  },
  {
    name: 'offset-deleted',
    family: 'lost-data',
    title: 'the row of a partition is deleted from hookline.partition_offsets',
    async lose({ system, random, note }) {
      const partition = random.pick(ALL);
      const next = new Map(await nextOffsets(system));
      await withoutProcessors(system, () =>
        system.database.query('delete from hookline.partition_offsets where topic = $1 and kafka_partition = $2', [
          system.topic,
          partition,
        ]),
      );
      note(`of partition ${partition}`);
      const from = (): string => String(next.get(partition));
      return { partitions: [partition], reasons: ['DATABASE_WITHOUT_OFFSET'], from };
    },
  },
];

async function withoutProcessors(system: System, act: () => Promise<unknown>): Promise<void> {
  await Promise.all(system.processors.map((it) => it.hold()));
  await act();
  for (const it of system.processors) it.resume();
}

async function recreate({ stack, topic }: System): Promise<void> {
  const { brokers, registryUrl } = stack.addresses;
  await deleteTopic(brokers, topic);
  await createTopic(brokers, registryUrl, topic);
}

async function expire(system: System, partitions: number[]): Promise<void> {
  const { stack, topic } = system;
  const ends = await readEnds(system);
  for (const partition of partitions) {
    await deleteRecords(stack.addresses.brokers, { topic, partition, before: ends.get(partition) ?? 0n });
  }
}

/** A backup is taken, the system goes on, and the backup comes back: what Kafka knows is later than what it holds. */
async function restore({ system, note, send }: Attacker): Promise<Due> {
  const { databaseName } = system;
  const server = system.stack.addresses.databaseUrl;
  const backup = `${databaseName}_backup`;
  await withoutProcessors(system, async () => {
    await endSessions(system);
    await createDatabaseAt(server, backup, databaseName);
  });
  const before = new Map(await nextOffsets(system));
  await send(400);
  await until('everything is processed', async () => {
    const ends = await readEnds(system);
    return (await nextOffsets(system)).every(([partition, next]) => next === ends.get(partition));
  });
  // By its copy in the group a restored database is recognised; what is not copied within a second or two is a fault.
  await until('the group knows of it', async () => {
    const committed = await readCommitted(system);
    return (await nextOffsets(system)).every(([partition, next]) => next === committed.get(partition));
  });
  const after = await nextOffsets(system);
  await withoutProcessors(system, async () => {
    await dropDatabaseAt(server, databaseName);
    const admin = connectTo(server);
    await admin.query(`alter database ${backup} rename to ${databaseName}`);
    await admin.close();
  });
  note('restored');
  const partitions = after.filter(([partition, next]) => next > (before.get(partition) ?? 0n)).map(([it]) => it);
  return { partitions, reasons: ['DATABASE_BEHIND'], from: () => 'stored' };
}

/** A database is copied only while nobody is in it, we included: our pool connects anew. */
async function endSessions({ stack, databaseName }: System): Promise<void> {
  const admin = connectTo(stack.addresses.databaseUrl);
  await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [databaseName]);
  await until('nobody is in the database', async () => {
    const { rows } = await admin.query<{ n: number }>(
      'select count(*)::integer as n from pg_stat_activity where datname = $1',
      [databaseName],
    );
    return rows[0]?.n === 0;
  });
  await admin.close();
}
