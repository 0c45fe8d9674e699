import { describe, expect, it } from '@jest/globals';
import { eventProblem } from './event-problem.ts';
import { EVENT_SHAPES } from './event-shapes.ts';
import { type Description, examples, PRODUCTS, readDescriptions } from './testing/descriptions.ts';

const EVENTS = Object.keys(EVENT_SHAPES);

/**
 * Of each event, the headers under which all or some (*) of its example payloads pass, though they are of that event: a
 * replay under such a header is found only by its identity.
 */
const NOT_TOLD_APART: Record<string, string> = {
  code_scanning_alert: 'dependabot_alert repository_vulnerability_alert secret_scanning_alert',
  dependabot_alert: 'repository_vulnerability_alert secret_scanning_alert',
  deployment: 'workflow_run*',
  github_app_authorization: 'repository',
  installation: 'github_app_authorization repository',
  organization: 'github_app_authorization installation* repository',
  ping: 'public*',
  public: 'ping',
  repository: 'branch_protection_configuration installation* organization* watch',
  repository_vulnerability_alert: 'dependabot_alert secret_scanning_alert',
  star: 'watch',
  team: 'organization repository',
  watch: 'branch_protection_configuration installation* repository',
  workflow_job: 'deployment*',
};

/** A false alarm makes a genuine delivery a dead letter: no payload of an event has a problem under its own name. */
describe('a genuine event header', () => {
  it.each(examples)('has no problem with any example payload of $name', ({ name, examples: payloads }) => {
    expect(EVENTS).toContain(name);
    expect(payloads.map((payload) => eventProblem(name, payload))).toEqual(payloads.map(() => null));
  });

  it.each(PRODUCTS)('has none with what GitHub describes for %s, with all that may be in it or must', (product) => {
    const descriptions = readDescriptions(product);
    expect(new Set(descriptions.map(({ event }) => event)).size).toBeGreaterThan(60);
    const problems = descriptions.flatMap(({ event, required, properties }) => [
      eventProblem(event, withKeys(required)),
      eventProblem(event, withKeys(properties)),
    ]);
    expect(problems.filter((problem) => problem !== null)).toEqual([]);
  });

  it('has none where nothing is known of the event, whatever its name', () => {
    for (const event of ['deployment_protection_rule', 'a_new_event', '__proto__', 'constructor']) {
      expect(eventProblem(event, {})).toBeNull();
      expect(eventProblem(event, { action: 'opened', issue: {}, comment: {} })).toBeNull();
    }
  });
});

describe('a forged event header', () => {
  it('has a problem with every example payload of another event, but for those that cannot be told apart', () => {
    const found: Record<string, string> = {};
    for (const { name, examples: payloads } of examples) {
      const passing = EVENTS.filter((event) => event !== name).flatMap((event) => {
        const passed = payloads.filter((payload) => eventProblem(event, payload) === null).length;
        if (passed === 0) return [];
        return [passed === payloads.length ? event : `${event}*`];
      });
      if (passing.length > 0) found[name] = passing.join(' ');
    }
    expect(found).toEqual(NOT_TOLD_APART);
  });

  it('is told what is missing, or what is foreign, in words that quote nothing of the payload', () => {
    expect(eventProblem('issue_comment', { action: 'secret', issue: { secret: 1 }, secret: 1 })).toBe(
      'Every "issue_comment" has "comment", and this payload has not.',
    );
    expect(eventProblem('issues', { action: 'secret', issue: {}, comment: {}, secret: 1 })).toBe(
      'No "issues" has "comment" as this payload has, and every "issue_comment" has.',
    );
  });

  it('has a problem with whatever comes under the event of jobs', () => {
    expect(eventProblem('hookline_job', { action: 'sync', job: 'sync', payload: {} })).toBe(
      '"hookline_job" is the event of Hookline\'s jobs, and none of GitHub\'s.',
    );
  });

  it('has a problem also where a key is there by inheritance only', () => {
    expect(eventProblem('issues', Object.create({ action: 'opened', issue: {} }) as never)).not.toBeNull();
  });
});

describe('the shapes of events', () => {
  const described = Map.groupBy(PRODUCTS.flatMap(readDescriptions), ({ event }) => event);

  it('need only what each published description of the event requires', () => {
    for (const [event, { needs }] of Object.entries(EVENT_SHAPES)) {
      const descriptions = described.get(event) as Description[];
      for (const { required } of descriptions) {
        expect([event, needs.filter((key) => !required.includes(key))]).toEqual([event, []]);
      }
    }
  });

  it('call a body that of another event only if it has a key that no description of this one knows', () => {
    for (const [event, { never }] of Object.entries(EVENT_SHAPES)) {
      const known = (described.get(event) as Description[]).flatMap(({ properties }) => properties);
      for (const other of never) {
        expect([event, other, EVENTS.includes(other)]).toEqual([event, other, true]);
        const foreign = EVENT_SHAPES[other]?.needs.filter((key) => !known.includes(key)) ?? [];
        expect([event, other, foreign]).not.toEqual([event, other, []]);
      }
    }
  });
});

function withKeys(keys: string[]): Record<string, unknown> {
  return Object.fromEntries(keys.map((key) => [key, {}]));
}
