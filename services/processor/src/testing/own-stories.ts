import { afterAll, beforeAll } from '@jest/globals';
import { createLogWorld, type LogWorld, type OwnerChanges } from './log-world.ts';
import { createStory, makeEffects, type Story } from './story.ts';

/** A world of a test file's own, and the stories that it tells there. */
export interface OwnStories {
  /** There before the tests, gone behind them. */
  world: () => LogWorld;
  /** Begins a story in a partition of its own. */
  story: (changes?: OwnerChanges) => Story;
}

export function ownStories(): OwnStories {
  let world: LogWorld;
  let partitions = 100;

  beforeAll(async () => {
    world = await createLogWorld();
    await makeEffects(world);
  });
  afterAll(() => world.close());
  return { world: () => world, story: (changes = {}) => createStory(world, partitions++, changes) };
}
