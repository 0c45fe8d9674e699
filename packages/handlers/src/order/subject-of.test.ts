import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import { subjectOf } from './subject-of.ts';
import { SUBJECT_RULES } from './subject-rules.ts';

// By require: the package is a JSON file, whose types do not fit its import.
const examples = createRequire(import.meta.url)('@octokit/webhooks-examples') as {
  name: keyof typeof SUBJECT_RULES;
  examples: { action?: string }[];
}[];

const of = (event: string, payload: object, action: string | null = null, orderingKey = 'k') =>
  subjectOf({ event, action, orderingKey, payload });

function found(...asked: Parameters<typeof of>) {
  const result = of(...asked);
  if (!result.success) throw new Error(result.why);
  return result.subject;
}

describe('the rules of what is late', () => {
  it.each(examples)(
    'find subject and time in each payload that was collected, or say why there is none: $name',
    (example) => {
      const { name, examples: payloads } = example;
      const rule = SUBJECT_RULES[name];
      expect(payloads.length).toBeGreaterThan(0);
      for (const payload of payloads) {
        const result = of(name, payload, payload.action ?? null);
        if ('none' in rule) expect(result).toEqual({ success: false, ever: false, why: rule.none });
        else {
          expect(result).toMatchObject({ success: true });
          // A payload of the same event without any of it has none: it is read from there, and not from anywhere.
          expect(of(name, {})).toMatchObject({ success: false, ever: true });
        }
      }
    },
  );

  it('say a reason wherever they say none', () => {
    const reasons = Object.values(SUBJECT_RULES).flatMap((rule) => ('none' in rule ? [rule.none] : []));
    expect(reasons.filter((reason) => reason.length < 15)).toEqual([]);
    expect(reasons.length).toBeLessThan(Object.keys(SUBJECT_RULES).length * 0.6);
  });
});

describe('the subject of a delivery', () => {
  const issue = (id: number, time: string) => ({ issue: { id, updated_at: time } });
  const noon = '2026-01-01T12:00:00Z';

  it('is one thing of one repository and event', () => {
    const { digest } = found('issues', issue(1, noon));
    expect(digest).toHaveLength(32);
    expect(found('issues', issue(1, '2026-01-02T00:00:00Z')).digest).toEqual(digest);
    expect(found('issues', issue(2, noon)).digest).not.toEqual(digest);
    expect(found('issues', issue(1, noon), null, 'other').digest).not.toEqual(digest);
    const comment = { comment: { id: 1, updated_at: noon } };
    expect(found('issue_comment', comment).digest).not.toEqual(found('commit_comment', comment).digest);
  });

  it('has a time of whatever form GitHub writes it in', () => {
    const utc = '2026-01-01T12:00:00.000Z';
    expect(found('issues', issue(1, noon)).at).toBe(utc);
    expect(found('issues', issue(1, '2026-01-01T14:00:00+02:00')).at).toBe(utc);
    const seconds = Date.parse(noon) / 1000;
    expect(found('push', { ref: 'r', repository: { pushed_at: seconds } }).at).toBe(utc);
  });

  it('has the first time that is there', () => {
    const job = { id: 1, completed_at: null, started_at: '2026-01-01T13:00:00Z', created_at: noon };
    expect(found('workflow_job', { workflow_job: job }).at).toBe('2026-01-01T13:00:00.000Z');
  });

  it('has no time later than its end', () => {
    expect(found('issues', issue(1, noon), 'deleted').at).toBe('infinity');
  });

  it.each([
    ['no time', { issue: { id: 1 } }],
    ['a time that is none', issue(1, 'soon')],
    ['nothing that names it', { issue: { updated_at: noon } }],
    ['nothing', {}],
  ])('is not told of a payload that has %s', (_, payload) => {
    const why = 'This payload has no issue.id, issue.updated_at.';
    expect(of('issues', payload)).toEqual({ success: false, ever: true, why });
  });

  it.each(['hookline_job', 'toString'])('is never told of %s', (event) => {
    expect(of(event, {})).toMatchObject({ success: false, ever: false });
  });
});
