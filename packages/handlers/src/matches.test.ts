import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { matches } from './matches.ts';

describe('what a handler asks for', () => {
  it.each([
    ['*', 'issues', 'opened', true],
    ['*', 'push', null, true],
    ['issues', 'issues', 'opened', true],
    ['issues', 'issues', null, true],
    ['issues', 'issue_comment', 'created', false],
    ['issues.opened', 'issues', 'opened', true],
    ['issues.opened', 'issues', 'closed', false],
    ['issues.opened', 'issues', null, false],
    ['issues.opened', 'issue_comment', 'opened', false],
    ['push', 'push', null, true],
    ['issues.null', 'issues', null, false],
    ['*', 'hookline_job', 'sync', false],
    ['hookline_job.sync', 'hookline_job', 'sync', true],
  ])('%s, of %s with action %s: %s', (pattern, event, action, expected) => {
    expect(matches([pattern], event, action)).toBe(expected);
  });

  it('is any of its patterns, and nothing where it has none', () => {
    expect(matches(['push', 'issues.closed'], 'issues', 'closed')).toBe(true);
    expect(matches(['push', 'issues.closed'], 'issues', 'opened')).toBe(false);
    expect(matches([], 'issues', 'opened')).toBe(false);
  });

  it('holds whole names only: no pattern reaches an event that merely begins like it', () => {
    const name = fc.stringMatching(/^[a-z_]{1,20}$/);
    fc.assert(
      fc.property(name, name, fc.option(name), (pattern, event, action) => {
        expect(matches([pattern], event, action)).toBe(pattern === event);
        expect(matches([`${pattern}.${action}`], event, action)).toBe(action !== null && pattern === event);
      }),
    );
  });
});
