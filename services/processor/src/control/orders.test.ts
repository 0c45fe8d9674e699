import { describe, expect, it } from '@jest/globals';
import { aDelivery } from '@hookline/test-support';
import { ownStories } from '../testing/own-stories.ts';
import { command, KEY, type Story } from '../testing/story.ts';
import { discard, head, lane, redrive } from '../testing/targets.ts';

const { world, story } = ownStories();

/** A delivery at offset 0 whose handler `a` is dead, and `b` has run. */
async function dead(): Promise<Story> {
  const one = story();
  one.failing.add('a');
  await one.log([world().read(0)]);
  await one.lanes();
  one.failing.clear();
  return one;
}

describe('a command', () => {
  it('redrives and discards what it names, once, in the state that it was decided on', async () => {
    const one = await dead();
    const first = command(redrive());
    await one.log([
      world().order(1, command(redrive(2))),
      world().order(2, command(redrive(1, ['b']))),
      world().order(3, command({ ...redrive(), offset: 7n } as never)),
      world().order(4, first),
      world().order(5, first),
      world().order(6, command(redrive())),
      world().order(7, command(discard())),
    ]);
    expect((await one.audit('log')).slice(1)).toEqual([
      ...['1 refused ada', '2 refused ada', '3 refused ada', '4 applied ada', '5 duplicate ada'],
      ...['6 refused ada', '7 refused ada'],
    ]);
    expect(await one.audit('operator')).toEqual(['4 redriven a ada']);
    one.failing.add('a');
    await one.lanes();
    await one.log([
      world().order(8, first),
      world().order(9, command(discard(2))),
      world().order(10, command(redrive(2))),
    ]);
    expect((await one.audit('log')).slice(-3)).toEqual(['8 duplicate ada', '9 applied ada', '10 refused ada']);
    expect(await one.letters()).toEqual(['0 a discarded 2']);
  });

  it('holds and releases a key; what comes meanwhile waits', async () => {
    const one = story();
    await one.log([
      world().order(0, command(lane('release', 'held'))),
      world().order(1, command(lane('hold', 'retrying'))),
      world().order(2, command(lane('hold', 'none'))),
      world().order(3, command(lane('hold', 'none'))),
      world().order(4, command(lane('hold', 'held'))),
      world().order(5, command(lane('release', 'held'))),
      world().order(6, command(lane('hold', 'none'))),
      world().read(7),
    ]);
    expect(await world().lanes(one.fence())).toEqual([`${KEY} held 1 0 0 0`]);
    await one.lanes();
    expect(await one.effects()).toEqual([]);
    await one.log([world().order(8, command(lane('release', 'held')))]);
    expect(await one.audit('log')).toEqual([
      ...['0 refused ada', '1 refused ada', '2 applied ada', '3 refused ada', '4 refused ada', '5 applied ada'],
      ...['6 applied ada', '7 parked', '8 applied ada'],
    ]);
    await one.lanes();
    expect(await one.effects()).toEqual(['7 a issues, 7 b issues']);
    expect(await one.audit('operator')).toEqual(['2 held ada', '5 released ada', '6 held ada', '8 released ada']);
  });

  it('has the head of a lane tried now, or sets it aside as dead', async () => {
    const one = story({ lanePolicy: { maxAttempts: 9, maxKills: 2, retry: { baseMs: 1e6, maxMs: 1e6 } } });
    one.failing.add('a');
    await one.log([world().read(0), world().read(1)]);
    one.failing.clear();
    const retry = await one.log([
      world().order(2, command(head('retry', 0n, 0))),
      world().order(3, command(head('retry', 1n, 1))),
      world().order(4, command(head('retry', 0n, 1, 'held'))),
      world().order(5, command(head('retry', 0n, 1))),
    ]);
    expect(retry.woken).toEqual([0]);
    const skip = command(head('skip', 0n, 1));
    await one.log([world().order(6, command(head('skip', 0n, 2))), world().order(7, skip), world().order(8, skip)]);
    expect((await one.audit('log')).slice(2)).toEqual([
      ...['2 refused ada', '3 refused ada', '4 refused ada', '5 applied ada'],
      ...['6 refused ada', '7 applied ada', '8 duplicate ada'],
    ]);
    expect(await one.letters()).toEqual(['0 a dead 1', '0 b dead 1']);
    expect(await one.claims()).toEqual(['0 issues dead']);
    expect(await one.audit('lane')).toEqual(['0 dead-lettered a', '0 dead-lettered b']);
    expect(await one.audit('operator')).toEqual(['5 retried ada', '7 skipped a ada', '7 skipped b ada']);
    await one.lanes();
    expect(await one.effects()).toEqual(['1 a issues, 1 b issues']);
  });

  it('sets a redrive aside, which is dead as before', async () => {
    const one = await dead();
    await one.log([world().order(1, command(redrive())), world().order(2, command(head('skip', 0n, 0)))]);
    expect(await one.letters()).toEqual(['0 a dead 2']);
    expect(await world().lanes(one.fence())).toEqual([]);
    expect(await one.claims()).toEqual(['0 issues dead']);
  });

  it('that nobody can read is refused, each time', async () => {
    const one = story();
    const strange = world().order(0, { ...command(lane('hold', 'none')), commandId: 'no id' });
    await one.log([strange, { ...strange, offset: 1n }]);
    expect(await one.audit('log')).toEqual(['0 refused', '1 refused']);
    expect(await one.commands()).toEqual([]);
  });

  it('discards what is no delivery, and cannot run it', async () => {
    const one = story();
    await one.log([world().read(0, aDelivery(), { key: null, value: Buffer.from('x') })]);
    const target = { orderingKey: null, incarnation: 1, offset: 0n, generation: 1, handlers: [] };
    await one.log([
      world().order(1, command({ ...target, command: 'redrive' })),
      world().order(2, command({ ...target, command: 'discard' })),
    ]);
    expect((await one.audit('log')).slice(1)).toEqual(['1 refused ada', '2 applied ada']);
    expect(await one.letters()).toEqual(['0 undecodable discarded 1']);
  });

  // Its start is noted like that of any record after a death; it must go with it, or the next owner finds a death again.
  it('leaves no note of a run behind after a dirty takeover', async () => {
    const one = story();
    await one.log([world().read(0)]);
    await world().database.query('update hookline.partition_offsets set dirty = true where kafka_partition = $1', [
      one.fence().partition,
    ]);
    await one.log([world().order(1, command(lane('hold', 'none')))]);
    const { rowCount } = await world().database.query('select from hookline.record_starts where kafka_partition = $1', [
      one.fence().partition,
    ]);
    expect(rowCount).toBe(0);
  });
});
