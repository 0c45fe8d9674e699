import { randomUUID } from 'node:crypto';
import type { ControlTarget } from '@hookline/contracts';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { aDelivery } from '@hookline/test-support';
import { ownStories } from '../testing/own-stories.ts';
import { command, KEY, type Story } from '../testing/story.ts';
import { lane } from '../testing/targets.ts';

const { world, story } = ownStories();

let other = randomUUID();
let another = randomUUID();
let third = randomUUID();

describe('a held delivery', () => {
  // Claims are known in every partition: each test has its own.
  let issue = aDelivery();
  beforeEach(() => {
    issue = aDelivery();
    [other, another, third] = [randomUUID(), randomUUID(), randomUUID()];
  });
  const replayed = (what: 'release-replay' | 'discard-replay', generation = 1, event = 'issues'): ControlTarget => ({
    ...{ command: what, orderingKey: KEY, digest: issue.digest, dedupScope: 'test', event, generation },
  });

  /** (g1, b1) and (g3, b3) processed; then (g3, b1) at offset 2. */
  async function replay(): Promise<Story> {
    const one = story();
    await one.log(
      [world().read(0, issue), world().read(1, aDelivery({ guid: other }))],
      [world().read(2, { ...issue, guid: other })],
    );
    return one;
  }

  /** The identity waits at offset 1 and is held at 2, under another event; that is decided about, and the lane runs. */
  async function decidedWhileItWaits(what: 'release-replay' | 'discard-replay') {
    const one = story();
    await one.log([
      world().order(0, command(lane('hold', 'none'))),
      world().read(1, issue),
      world().read(2, { ...issue, event: 'pull_request' }),
    ]);
    await one.log([
      world().order(3, command(replayed(what, 1, 'pull_request'))),
      world().order(4, command(lane('release', 'held'))),
    ]);
    return { one, lanes: await one.lanes() };
  }

  it('is what comes with a known payload and a known GUID that do not belong together: one body, and a counter', async () => {
    const one = await replay();
    await one.log([world().read(3, { ...issue, guid: other }), world().read(4, { ...issue, guid: another })]);
    expect(await one.held()).toEqual(['issues held 3 1']);
    expect((await one.audit('log')).slice(2)).toEqual([2, 3, 4].map((offset) => `${offset} held suspected-replay`));
    expect(await one.effects()).toHaveLength(1);
  });

  it('runs once when it is released, and does not run when it is posted again', async () => {
    const one = await replay();
    const release = command(replayed('release-replay'));
    await one.log([
      world().order(3, release),
      world().order(4, command(replayed('release-replay'))),
      world().order(5, release),
      world().read(6, { ...issue, guid: other }),
    ]);
    await one.lanes();
    await one.log([world().read(7, { ...issue, guid: other }), world().order(8, command(replayed('discard-replay')))]);
    expect((await one.effects()).slice(1)).toEqual(['2 a issues, 2 b issues']);
    expect((await one.audit('log')).slice(3)).toEqual([
      ...['3 applied ada', '4 refused ada', '5 duplicate ada', '6 reset', '7 duplicate', '8 refused ada'],
    ]);
    expect(await one.held()).toEqual(['issues released 1 1 empty']);
    expect(await one.audit('operator')).toEqual(['3 released ada']);
  });

  it('that was discarded does not run when it is posted again; under one more GUID it is held anew', async () => {
    const one = await replay();
    await one.log([
      world().order(3, command(replayed('discard-replay', 2))),
      world().order(4, command(replayed('discard-replay'))),
      world().order(5, command(replayed('release-replay'))),
      world().read(6, { ...issue, guid: other }),
      world().read(7, { ...issue, guid: another }),
    ]);
    expect((await one.audit('log')).slice(3)).toEqual([
      ...['3 refused ada', '4 applied ada', '5 refused ada', '6 duplicate', '7 held suspected-replay'],
    ]);
    expect((await one.commands())[2]).toMatch(
      /It was discarded before, and its body is gone: there is nothing to run\.$/,
    );
    expect(await one.claims()).toContain('2 issues discarded');
    expect(await one.held()).toEqual(['issues held 2 2']);
    expect(await one.effects()).toHaveLength(1);
  });

  // The event header is not signed: whoever has captured a body can post it first.
  it('is the genuine one behind a forged event header: not suppressed, and it runs when it is released', async () => {
    const one = story();
    await one.log(
      [world().read(0, { ...issue, event: 'pull_request' })],
      [world().read(1, issue), world().read(2, issue)],
    );
    expect(await one.audit('log')).toEqual(['0 processed', '1 held other-event', '2 held other-event']);
    await one.log([world().order(3, command(replayed('release-replay')))]);
    await one.lanes();
    expect(await one.effects()).toEqual(['0 a pull_request, 0 b pull_request', '1 a issues, 1 b issues']);
    expect(await one.claims()).toEqual(['0 pull_request processed']);
  });

  // Its claim would keep the one that waits from ever leaving its lane.
  it('that is discarded while its identity waits under another event claims nothing', async () => {
    const { one, lanes } = await decidedWhileItWaits('discard-replay');
    expect(lanes.said).toEqual(['processed']);
    expect(await one.claims()).toEqual(['1 issues processed']);
  });

  it('that is released behind its own identity leaves the lane with it, under one claim', async () => {
    const { one, lanes } = await decidedWhileItWaits('release-replay');
    expect(lanes.said).toEqual(['processed']);
    expect(await one.effects()).toEqual(['1 a issues, 1 b issues, 2 a pull_request, 2 b pull_request']);
    expect(await one.claims()).toEqual(['1 issues processed']);
  });

  // Both events wait, or are dead, under one identity then: each arrival must find what is of its own event.
  it('that is released while the genuine one waits, or is dead, does not take its place', async () => {
    const one = story();
    const forged = { ...issue, event: 'pull_request' };
    const both = [issue, forged];
    one.failing.add('a');
    await one.log([world().read(0, issue)], [world().read(1, forged)]);
    await one.log([world().order(2, command(replayed('release-replay', 1, 'pull_request')))]);
    await one.log(both.map((each, i) => world().read(3 + i, each)));
    expect((await one.audit('log')).slice(3)).toEqual(['3 reset', '4 reset']);
    await one.lanes();
    expect(await one.letters()).toEqual(['0 a dead 1', '1 a dead 1']);
    one.failing.clear();
    await one.log([world().read(5, issue)]);
    await one.lanes();
    expect((await one.effects()).at(-1)).toBe('0 a issues');
    expect(await one.letters()).toEqual(['0 a redriven 1', '1 a dead 1']);
  });

  it('is not what cannot fit its event: that is one dead letter for each payload and event, and the genuine one runs', async () => {
    const one = story();
    const unfit = (guid: string, event = 'push') => ({ ...issue, guid, event, eventProblem: 'It is no push.' });
    await one.log(
      [world().read(0, unfit(other)), world().read(1, unfit(another))],
      [world().read(2, unfit(other)), world().read(3, unfit(third, 'star'))],
    );
    await one.log([world().read(4, { ...issue, guid: other })]);
    expect(await one.letters()).toEqual(['0 event-mismatch dead 1 3', '3 event-mismatch dead 1']);
    expect(await one.claims()).toEqual(['4 issues processed']);
    expect((await one.audit('log')).slice(0, 4)).toEqual([0, 1, 2, 3].map((n) => `${n} dead-lettered event-mismatch`));
  });
});
