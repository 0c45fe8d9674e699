import { describe, expect, it } from '@jest/globals';
import { eventProblem } from './event-problem.ts';
import { GITHUB_EVENTS } from './github-events.ts';

describe('what a handler asks for', () => {
  it('can come: all events and actions of GitHub, jobs, and actions that senders choose', () => {
    const all = Object.entries<readonly string[]>(GITHUB_EVENTS).flatMap(([event, actions]) => [
      event,
      ...actions.map((action) => `${event}.${action}`),
    ]);
    const more = ['*', 'hookline_job', 'hookline_job.any.name', 'repository_dispatch.of-mine'];
    expect([...all, ...more].filter((pattern) => eventProblem(pattern) !== null)).toEqual([]);
  });

  it.each([
    ['issue', 'GitHub has no event "issue". Did you mean issues?'],
    ['Issues.opened', 'GitHub has no event "Issues". Did you mean issues?'],
    ['something_else', 'GitHub has no event "something_else".'],
    ['toString', 'GitHub has no event "toString".'],
    ['push.created', 'The event push has no actions, so "push.created" never comes.'],
    ['star.starred', 'The event star has no action "starred". It has created, deleted.'],
    ['issues.', 'The event issues has no action "". It has '],
    ['pull_request.synchronized', 'no action "synchronized". Did you mean pull_request.synchronize?'],
  ])('cannot come, %s: %s', (pattern, said) => {
    expect(eventProblem(pattern)).toContain(said);
  });
});
