import type { GenerationState } from '@hookline/contracts';
import type { Database } from '@hookline/database';
import { isJobTopic } from './job-topic.ts';

/** One topic of the log. */
export interface RecordedGeneration {
  topic: string;
  partitions: number;
  state: GenerationState;
  /** Offset behind the last record of each partition; null until it has ended. */
  ends: bigint[] | null;
}

/** Every topic that the log has had, in their order; the topic of jobs is none of them. */
export async function readGenerations(database: Database): Promise<RecordedGeneration[]> {
  return (await readTopics(database)).filter(({ topic }) => !isJobTopic(topic));
}

/** Every topic that processors read: the log's, and that of jobs. */
export async function readTopics(database: Database): Promise<RecordedGeneration[]> {
  const { rows } = await database.query<Omit<RecordedGeneration, 'ends'> & { ends: string[] | null }>(
    'select topic, partitions, state, ends from hookline.topic_generations order by generation',
  );
  return rows.map((row) => ({ ...row, ends: row.ends?.map(BigInt) ?? null }));
}
