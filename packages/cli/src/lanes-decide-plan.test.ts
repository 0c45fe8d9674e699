import { describe, expect, it } from '@jest/globals';
import type { LaneTarget } from '@hookline/database';
import { planLane } from './lanes-decide-plan.ts';

const KEY = 'github.com/repository/1';
const head = { incarnation: 2, offset: 7n, guid: 'g', event: 'issues' };
const lane = (given: Partial<LaneTarget> = {}): LaneTarget => ({
  state: 'retrying',
  generation: 4,
  records: 3,
  lastError: null,
  dueAt: new Date(),
  head,
  ...given,
});

describe('a decision about a lane', () => {
  it.each([
    ['none', null, 'wait until it is released.'],
    ['retrying', lane(), 'with the 3 deliveries that have failed or wait'],
  ] as const)('holds a key in state %s, naming that', (state, found, effect) => {
    expect(planLane('hold', KEY, found)).toEqual({
      success: true,
      target: { command: 'hold', orderingKey: KEY, state },
      effect: expect.stringContaining(effect),
      question: null,
    });
  });

  it('releases what is held, be it empty', () => {
    const held = { state: 'held', records: 1 } as const;
    const target = { command: 'release', orderingKey: KEY, state: 'held' };
    expect(planLane('release', KEY, lane(held))).toMatchObject({ target, effect: expect.stringMatching('1 delivery') });
    expect(planLane('release', KEY, lane({ ...held, head: null, records: 0 }))).toMatchObject({ target });
  });

  it.each(['retry', 'skip'] as const)('%s names the head, by its place and tries', (command) => {
    expect(planLane(command, KEY, lane())).toMatchObject({
      success: true,
      target: { command, orderingKey: KEY, state: 'retrying', incarnation: 2, offset: 7n, generation: 4 },
      effect: expect.stringContaining('issues g at offset 7, tried 4 times'),
    });
    expect(planLane(command, KEY, lane({ state: 'held', generation: 1 }))).toMatchObject({
      target: { state: 'held', generation: 1 },
      effect: expect.stringContaining('tried once'),
    });
  });

  // What comes after has passed it then: no command brings the order back.
  it('asks before it skips, and says what goes on', () => {
    expect(planLane('skip', KEY, lane())).toMatchObject({
      question: 'Skip it?',
      effect: expect.stringContaining('the 2 deliveries behind it go on'),
    });
    expect(planLane('retry', KEY, lane())).toMatchObject({ question: null });
  });

  it.each([
    ['hold', lane({ state: 'held' }), 'is held already'],
    ['release', null, 'is not held'],
    ['release', lane(), 'is not held'],
    ['retry', null, 'there is none to retry'],
    ['skip', lane({ head: null }), 'there is none to skip'],
  ] as const)('is refused where there is nothing to decide: %s', (command, found, problem) => {
    expect(planLane(command, KEY, found)).toEqual({ success: false, problem: expect.stringContaining(problem) });
  });
});
