import { topicName } from '@hookline/contracts';
import { readHalts, readPartitions } from '@hookline/database';
import { HooklineError } from '@hookline/runtime';
import { failed } from './exit-codes.ts';
import { messageOf } from './message-of.ts';
import type { Output } from './output.ts';
import { askKafka, type PartitionConfig } from './partitions-kafka.ts';
import { viewPartitions, type DatabaseView, type PartitionView } from './partitions-view.ts';
import { table } from './table.ts';
import { withDatabase } from './with-database.ts';

/** Everything that is known about the partitions of the topic, and what could not be asked. */
export interface PartitionList {
  topic: string;
  consumerGroup: string;
  partitions: PartitionView[];
  problems: string[];
}

/**
 * Asks Kafka and the database; one of them is enough for an answer with gaps.
 *
 * @throws {HooklineError} DATABASE_UNAVAILABLE where neither could be asked
 */
export async function listPartitions(config: PartitionConfig): Promise<PartitionList> {
  const [kafka, database] = await Promise.all([askKafka(config), askDatabase(config)]);
  const problems = [kafka, database].flatMap((answer) => (answer.success ? [] : [answer.problem]));
  if (problems.length === 2) throw new HooklineError('DATABASE_UNAVAILABLE', problems.join('\n'));
  const view = viewPartitions(
    config.topicPartitions,
    database.success ? database.view : null,
    kafka.success ? kafka.view : null,
  );
  return {
    topic: topicName(config.topic, config.topicGeneration),
    consumerGroup: config.consumerGroup,
    partitions: view,
    problems,
  };
}

/**
 * Prints what there is.
 *
 * @throws {CommandEnd} afterwards, where a part of the answer is missing
 */
export function printPartitions(list: PartitionList, json: boolean, output: Output): void {
  if (json) output.data(JSON.stringify(list));
  else printTable(list, output);
  if (list.problems.length > 0) throw failed(list.problems.join('\n'));
}

function printTable({ partitions }: PartitionList, output: Output): void {
  const columns = [
    'PARTITION',
    'STATE',
    'NEXT',
    'LOG START',
    'LOG END',
    'LAG',
    'COMMITTED',
    'LANES',
    'WAITING',
    'EPOCH',
  ];
  const rows = partitions.map((row) => [
    row.partition,
    row.state,
    row.nextOffset,
    row.logStart,
    row.logEnd,
    row.lag,
    row.committed,
    row.lanes,
    row.waitingRecords,
    row.epoch,
  ]);
  for (const line of table(
    [...columns, 'OWNER'],
    rows.map((row, i) => [...row, partitions[i]?.owner ?? null]),
  )) {
    output.data(line);
  }
  for (const { partition, state, reason, detail, haltedAt, assigned } of partitions) {
    if (state !== 'halted') continue;
    const nobody = assigned === false ? ' No processor has it now.' : '';
    output.progress(`Partition ${partition} is halted since ${haltedAt} by ${reason}: ${detail}${nobody}`);
  }
  if (partitions.some(({ state }) => state === 'halted')) {
    output.progress('Go on with: hookline partitions resume <partition> --from … --why …');
  }
}

async function askDatabase(
  config: PartitionConfig,
): Promise<{ success: true; view: DatabaseView } | { success: false; problem: string }> {
  try {
    return { success: true, view: await readDatabase(config) };
  } catch (error) {
    return { success: false, problem: messageOf(error) };
  }
}

/** What the database knows of the partitions. @throws {HooklineError} as `withDatabase` does */
export function readDatabase(config: PartitionConfig): Promise<DatabaseView> {
  const { consumerGroup } = config;
  const topic = topicName(config.topic, config.topicGeneration);
  return withDatabase(config, async (database) => ({
    halts: await readHalts(database, { consumerGroup, topic }),
    stored: await readPartitions(database, { consumerGroup, topic }),
  }));
}
