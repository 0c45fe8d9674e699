import { readGenerations } from '../system/read-generations.ts';
import type { System } from '../system/system.ts';

/** Where decisions are written. */
export interface Place {
  consumerGroup: string;
  topic: string;
  partitions: number;
}

/** The topic that takes decisions now; null: the log is about to move, and none does. */
export async function presentPlace(system: Pick<System, 'database' | 'consumerGroup'>): Promise<Place | null> {
  const present = (await readGenerations(system.database)).find(({ state }) => state === 'active');
  return present ? { consumerGroup: system.consumerGroup, topic: present.topic, partitions: present.partitions } : null;
}
