import { describe, expect, it } from '@jest/globals';
import { canRepeat, REPETITIONS, type Repetition } from './repeatable-events.ts';
import { examples, PRODUCTS, readDescriptions } from './testing/descriptions.ts';

type Payload = Record<string, unknown>;

const described = Map.groupBy(PRODUCTS.flatMap(readDescriptions), ({ event }) => event);
const identified = Object.entries(REPETITIONS).flatMap(([event, { identified: by }]) => (by ? [{ event, ...by }] : []));

/** Actions that a thing has once at most, so that its id alone would do. */
const ONCE = [
  ...['create', 'created', 'deleted', 'opened', 'submitted', 'dismissed', 'published', 'cancelled', 'converted'],
  ...['requested', 'queued', 'waiting', 'in_progress', 'completed', 'member_invited', 'checks_requested', 'destroyed'],
];

/**
 * A genuine delivery of an event that is wrongly called identified is held when it repeats; a replay of one that is
 * wrongly called repeatable runs.
 */
describe('the list of what repeats', () => {
  it('has every event of which there are examples, each identified or with a reason, or both', () => {
    expect(Object.keys(REPETITIONS).toSorted()).toEqual(examples.map(({ name }) => name).toSorted());
    for (const entry of Object.values(REPETITIONS)) expect(entry.identified ?? entry.repeats).toBeDefined();
  });

  it('has a reason wherever an action that GitHub describes or has sent is not identified', () => {
    const without = Object.entries(REPETITIONS).filter(([event, { repeats }]) => {
      return repeats === undefined && actionsOf(event).some((action) => canRepeat(event, action));
    });
    expect(without).toEqual([]);
  });

  it.each(identified)('knows no action of $event that GitHub does not', ({ event, actions }) => {
    const known = actionsOf(event);
    expect(actions.filter((action) => !known.includes(action))).toEqual([]);
    // Without actions, all of it is identified.
    if (actions.length === 0) expect(known).toEqual([null]);
  });
});

describe('an identified event', () => {
  it.each(identified)('$event has an id and a time in every example payload', ({ event, id, time, actions }) => {
    const payloads = payloadsOf(event).filter(({ action }) => !canRepeat(event, (action as string) ?? null));
    if (actions.length === 0) expect(payloads).toEqual(payloadsOf(event));
    expect(payloads.length).toBeGreaterThan(0);
    for (const payload of payloads) {
      expect(String(at(payload, id))).toMatch(/^[A-Za-z0-9=-]+$/);
      expect(secondsOf(at(payload, time))).toBeGreaterThan(Date.UTC(2015) / 1000);
    }
  });

  it.each(identified)('$event: what can happen again to one thing has a time that moves by its name', (entry) => {
    const again = entry.actions.filter((action) => !ONCE.includes(action));
    expect(again.length === 0 || entry.time.endsWith('.updated_at')).toBe(true);
  });

  it.each([
    ['issues', ['opened', 'unassigned', 'unlabeled', 'locked', 'unlocked']],
    ['pull_request', ['opened', 'labeled', 'unlabeled', 'unlocked', 'closed']],
    ['issue_comment', ['created', 'edited']],
    ['milestone', ['created', 'closed', 'deleted']],
    ['discussion', ['locked', 'edited', 'category_changed', 'answered', 'unanswered']],
    ['projects_v2_item', ['converted', 'archived', 'restored']],
    ['workflow_run', ['requested', 'completed']],
  ])('%s has a later time for each of %j', (event, actions) => {
    const { id, time } = entryOf(event);
    const first = payloadsOf(event).find(({ action }) => action === actions[0]) as Payload;
    const times = actions.map((wanted) => {
      const later = payloadsOf(event).find((payload) => payload.action === wanted && at(payload, id) === at(first, id));
      return secondsOf(at(later as Payload, time));
    });
    expect(times).toEqual([...new Set(times)].toSorted((one, other) => one - other));
  });
});

describe('an event that can repeat', () => {
  it.each([
    ['check_suite', 'completed', 'rerequested'],
    ['installation', 'suspend', 'unsuspend'],
    ['discussion', 'locked', 'unlocked'],
    ['discussion', 'labeled', 'pinned'],
    ['issues', 'opened', 'pinned'],
    ['issues', 'opened', 'unpinned'],
    ['projects_v2_item', 'converted', 'reordered'],
    ['branch_protection_rule', 'created', 'edited'],
    ['release', 'published', 'edited'],
  ])('%s: after %s, %s has not changed the time', (event, before, action) => {
    const { id, time } = entryOf(event);
    const payloads = payloadsOf(event).filter((payload) => payload.action === action);
    const earlier = payloadsOf(event).filter((payload) => payload.action === before);
    expect(canRepeat(event, action)).toBe(true);
    const same = payloads.some((payload) => {
      return earlier.some((other) => at(other, id) === at(payload, id) && at(other, time) === at(payload, time));
    });
    expect(same).toBe(true);
  });

  it('is each that the promise names, whatever its action', () => {
    const named = ['member', 'membership', 'installation_repositories', 'workflow_dispatch', 'repository_dispatch'];
    for (const event of [...named, 'watch']) {
      for (const action of [null, 'added', 'removed', 'started']) expect(canRepeat(event, action)).toBe(true);
    }
  });

  it('is what nobody knows: an event, or an action of one, that GitHub may add', () => {
    for (const event of ['a_new_event', 'hookline_job', '__proto__', 'constructor'])
      expect(canRepeat(event, null)).toBe(true);
    expect(canRepeat('issues', 'a_new_action')).toBe(true);
    expect(canRepeat('issues', null)).toBe(true);
    expect(canRepeat('push', 'a_new_action')).toBe(true);
  });

  it('is not what says which occurrence it is', () => {
    expect(canRepeat('issues', 'opened')).toBe(false);
    expect(canRepeat('push', null)).toBe(false);
  });
});

function entryOf(event: string): NonNullable<Repetition['identified']> {
  return (REPETITIONS[event] as Repetition).identified as NonNullable<Repetition['identified']>;
}

function payloadsOf(event: string): Payload[] {
  return examples.find(({ name }) => name === event)?.examples ?? [];
}

/** The actions that GitHub describes, or has sent; null for an event without. */
function actionsOf(event: string): (string | null)[] {
  const known = (described.get(event) ?? []).flatMap(({ actions }) => actions);
  const sent = payloadsOf(event).map(({ action }) => (action ?? null) as string | null);
  return [...new Set([...known, ...sent])];
}

function at(payload: Payload, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Payload | undefined)?.[key], payload);
}

/** GitHub writes times as text, and some as seconds since the Unix epoch. */
function secondsOf(time: unknown): number {
  return typeof time === 'number' ? time : Date.parse(time as string) / 1000;
}
