import { describe, expect, it } from '@jest/globals';
import { aDelivery } from '@hookline/test-support';
import { ownStories } from '../testing/own-stories.ts';
import { command, KEY } from '../testing/story.ts';

const { world, story } = ownStories();

const other = '33333333-3333-4333-8333-333333333333';

describe('reading the log again from its beginning', () => {
  // I7, with something in every table, and deaths that came after redeliveries.
  it('leaves every table as it was', async () => {
    const one = story();
    const [issue, dies, again, waits] = [
      aDelivery(),
      aDelivery({ repository: 2 }),
      aDelivery({ repository: 3 }),
      aDelivery({ repository: 4 }),
    ];
    const records = [
      world().read(0, issue),
      world().read(1, { ...issue, guid: other }),
      world().read(2, { ...issue, event: 'pull_request' }),
      world().read(3, { ...issue, guid: other, event: 'push', eventProblem: 'no' }),
      world().order(
        4,
        command({
          command: 'release-replay',
          orderingKey: KEY,
          digest: issue.digest,
          dedupScope: 'test',
          event: 'issues',
          generation: 1,
        }),
      ),
    ];
    await one.log(records);
    await one.lanes();
    one.failing.add('a');
    // Dead after a redelivery that came while it waited.
    const second = [
      world().read(5, dies),
      world().read(6, dies),
      world().read(7, again),
      world().read(8, { ...again }),
      world().read(9, aDelivery(), { value: Buffer.from('x') }),
    ];
    await one.log(second);
    await one.lanes();
    // Dead again after a redelivery that came while it waited for a run.
    const third = [
      world().read(10, again),
      world().read(11, again),
      world().order(
        12,
        command({
          command: 'redrive',
          orderingKey: 'github.com/repository/2',
          incarnation: 1,
          offset: 5n,
          generation: 1,
          handlers: [],
        }),
      ),
      world().read(13, dies),
    ];
    await one.log(third);
    await one.lanes();
    await one.log(
      [world().read(14, waits), world().read(15, waits)],
      [world().order(16, command({ command: 'hold', orderingKey: 'github.com/repository/9', state: 'none' }))],
    );
    expect(await one.letters()).toEqual([
      ...['3 event-mismatch dead 1', '5 a dead 2', '7 a dead 2', '9 undecodable dead 1'],
    ]);
    const before = await one.hash();
    await world().database.query('update hookline.partition_offsets set next_offset = 0 where kafka_partition = $1', [
      one.fence().partition,
    ]);
    one.failing.clear();
    await one.log(records, second, third, [world().read(14, waits), world().read(15, waits)]);
    expect(await one.hash()).toBe(before);
    const decisions = (await one.audit('log')).slice(-16);
    expect(decisions.filter((said) => /processed|parked|held|applied/.test(said))).toEqual([]);
  });
});
