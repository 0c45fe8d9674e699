import { partitionOf } from '@hookline/contracts';
import { readHalts, type PartitionHalt } from '@hookline/database';
import { aDelivery, appendDeliveries, until, type ProcessEnd, type ServiceProcess } from '@hookline/test-support';
import { repositoriesByPartition } from '../traffic/github-delivery.ts';
import { hookline } from './hookline.ts';
import { startSystem, type System } from './start-system.ts';

/** The partition that something happens to, and the one beside it, to which nothing does. */
export const LOST = 0;
export const OTHER = 1;

/** A log of two partitions, with what an operator does and sees. */
export interface TwoPartitions extends System {
  /** Appends so many deliveries of one repository to a partition. */
  append(partition: number, count: number): Promise<void>;
  /** Waits until so many records of a partition have been decided. */
  untilDecided(partition: number, records: number): Promise<void>;
  untilHalted(reason: string): Promise<PartitionHalt>;
  /** The real command, in a process of its own. */
  hookline(...args: string[]): Promise<ProcessEnd>;
  /** Resumes the lost partition; with what is left out being what every test has in common. */
  resume(from: string, ...args: string[]): Promise<ProcessEnd>;
  /** `incarnation:offset decision` of what was decided about the records of the lost partition, in order. */
  decisions(): Promise<string[]>;
  /** `decision actor` of what was decided about the lost partition itself, and the last one's detail. */
  commands(): Promise<{ decided: string[]; detail: string }>;
  /** Starts a processor, lets it decide so many records of each partition, and stops it. */
  processed(records: number): Promise<void>;
}

/** Starting a process, joining a group and taking partitions over take their time on a busy machine. */
const PATIENCE_MS = 90_000;
/** A killed member holds up the group for this long. */
const SETTINGS = { HOOKLINE_SESSION_TIMEOUT_MS: '2000' };

export async function startTwoPartitions(): Promise<TwoPartitions> {
  const system = await startSystem({ partitions: 2 });
  const { topic, database, stack } = system;
  const repositories = repositoriesByPartition(2, partitionOf);

  async function append(partition: number, count: number): Promise<void> {
    const repository = repositories[partition] as number;
    const deliveries = Array.from({ length: count }, () => aDelivery({ repository }));
    await appendDeliveries(stack, { topic, partitions: 2 }, deliveries);
  }

  async function untilDecided(partition: number, records: number): Promise<void> {
    await until(
      `${records} decisions about partition ${partition}`,
      async () => {
        const { rows } = await database.query(
          `select from hookline.audit_log where stage = 'log' and kafka_partition = $1`,
          [partition],
        );
        return rows.length >= records;
      },
      PATIENCE_MS,
    );
  }

  const startProcessor = (settings: Record<string, string> = {}): ServiceProcess =>
    system.startProcessor({ ...SETTINGS, ...settings });

  return {
    ...system,
    startProcessor,
    append,
    untilDecided,
    untilHalted: (reason) =>
      until(
        `a halt by ${reason}`,
        async () => {
          const halts = await readHalts(database, { consumerGroup: topic, topic });
          return halts.find((halt) => halt.reason === reason);
        },
        PATIENCE_MS,
      ),
    hookline: (...args) => hookline(system, ...args),
    resume: (from, ...args) =>
      hookline(system, 'partitions', 'resume', String(LOST), '--from', from, '--why', 'a test', '--yes', ...args),
    async decisions() {
      const { rows } = await database.query<{ said: string }>(
        `select incarnation || ':' || kafka_offset || ' ' || decision as said
           from hookline.audit_log where stage = 'log' and kafka_partition = $1 order by audit_id`,
        [LOST],
      );
      return rows.map(({ said }) => said);
    },
    async commands() {
      const { rows } = await database.query<{ said: string; detail: string }>(
        `select decision || ' ' || actor as said, detail
           from hookline.audit_log where stage = 'partition' and kafka_partition = $1 order by audit_id`,
        [LOST],
      );
      return { decided: rows.map(({ said }) => said), detail: rows.at(-1)?.detail ?? '' };
    },
    async processed(records) {
      const processor = startProcessor();
      await append(LOST, records);
      await append(OTHER, records);
      await untilDecided(LOST, records);
      await untilDecided(OTHER, records);
      // The group's own copy of the offsets is written at a stop.
      await processor.stop();
    },
  };
}
