import { topicName, type KeyRule } from '@hookline/contracts';
import { readGenerations, type Queryable } from '@hookline/database';

export type NextJobTopic = { success: true; topic: string; partitions: number } | { success: false; problem: string };

/** The topic to which the log of jobs goes on when the given one has ended, as it is recorded, or why none is known. */
export async function nextJobTopic(database: Queryable, topic: string, keyRule: KeyRule): Promise<NextJobTopic> {
  const [present] = await readGenerations(database, [topic]);
  if (!present) return { success: false, problem: `the topic ${topic} is not recorded in this database` };
  const { generation } = present;
  const suffix = topicName('', generation);
  const base = topic.endsWith(suffix) ? topic.slice(0, topic.length - suffix.length) : topic;
  const name = topicName(base, generation + 1);
  const [next] = await readGenerations(database, [name]);
  if (!next) return { success: false, problem: `the topic ${name}, which would follow, is not recorded` };
  if (next.keyRule !== keyRule) {
    return {
      success: false,
      problem: `${name} is ordered by ${next.keyRule}: set HOOKLINE_JOB_TOPIC, HOOKLINE_JOB_TOPIC_PARTITIONS and HOOKLINE_KEY_RULE`,
    };
  }
  return { success: true, topic: name, partitions: next.partitions };
}
