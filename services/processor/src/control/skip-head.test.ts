import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createLogWorld, type LogWorld } from '../testing/log-world.ts';
import { command, createStory, makeEffects } from '../testing/story.ts';
import { head } from '../testing/targets.ts';

let world: LogWorld;

beforeAll(async () => {
  world = await createLogWorld();
  await makeEffects(world);
});
afterAll(() => world.close());

// Its owner died when the last handler had committed, and before the delivery had left its lane: it is claimed, and
// `ignored` would say that nobody has asked for it.
it('a head whose handlers have all run by the time that it is skipped is audited as processed', async () => {
  const one = createStory(world, 100);
  one.failing.add('a');
  await one.log([world.read(0)]);
  await world.database.query(
    `update hookline.lane_deliveries set last_run = '{"a": "processed", "b": "processed"}' where kafka_partition = 100`,
  );
  await one.log([world.order(1, command(head('skip', 0n, 1)))]);
  expect(await one.audit('lane')).toEqual(['0 processed']);
  expect(await one.audit('operator')).toEqual(['1 skipped ada']);
  expect(await one.claims()).toEqual(['0 issues processed']);
  expect(await one.letters()).toEqual([]);
});
