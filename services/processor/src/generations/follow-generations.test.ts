import { describe, expect, it } from '@jest/globals';
import { until } from '@hookline/test-support';
import { followGenerations } from './follow-generations.ts';
import type { Generation } from './select-generation.ts';

const FIRST = { topic: 'log', generation: 1, partitions: 4, keyRule: 'repository' } as const;
const SECOND = { topic: 'log.g2', generation: 2, partitions: 7, keyRule: 'repository' } as const;

function world() {
  const told: string[] = [];
  const moved = new Set<string>();
  let current: Generation = FIRST;
  let fails = false;
  const stopping = new AbortController();
  const log = followGenerations({
    prepare: () => Promise.resolve(current),
    open: ({ topic }: Generation) => ({
      start: () => void told.push(`start ${topic}`),
      stop: (drainMs) => Promise.resolve(void told.push(`stop ${topic} ${drainMs}`)),
      readiness: () => true,
      fetchLoop: () => ({ wanted: true, turns: 1 }),
    }),
    hasMoved: ({ topic }) => (fails ? Promise.reject(new Error('away')) : Promise.resolve(moved.has(topic))),
    onMoved: ({ topic }) => void told.push(`moved ${topic}`),
    pollMs: 1,
    drainMs: 5,
  });
  return {
    told,
    log,
    stopping,
    running: log.run(stopping.signal),
    move() {
      current = SECOND;
      moved.add(FIRST.topic);
    },
    setAway: (away: boolean) => void (fails = away),
  };
}

describe('followGenerations', () => {
  // One that is left running would go on asking for partitions of a topic that nobody reads any more.
  it('leaves a generation that has moved, whole, before it begins the next', async () => {
    const { told, log, stopping, running, move } = world();
    await until('the first is read', () => told.includes('start log'));
    expect(log.reader()?.readiness()).toBe(true);
    move();
    await until('the next is read', () => told.includes('start log.g2'));
    stopping.abort();
    await running;
    expect(told).toEqual(['start log', 'moved log', 'stop log 5', 'start log.g2', 'stop log.g2 5']);
    expect(log.reader()).toBeUndefined();
  });

  it('goes on reading while the database cannot say whether it has moved', async () => {
    const { told, stopping, running, move, setAway } = world();
    setAway(true);
    move();
    await until('the first is read', () => told.includes('start log'));
    setAway(false);
    await until('the next is read', () => told.includes('start log.g2'));
    stopping.abort();
    await running;
  });
});
