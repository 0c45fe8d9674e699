import { describe, expect, it } from '@jest/globals';
import { HandlerMisuse } from '../handler-misuse.ts';
import { collectEffects, MAX_EFFECT_BYTES, MAX_EFFECTS, MAX_RUN_BYTES } from './collect-effects.ts';
import type { Effects } from './effects.ts';

const payload = {
  issue: { number: 7 },
  repository: { name: 'hello', owner: { login: 'octo' } },
  installation: { id: 42 },
};
const delivery = { orderingKey: 'github.com/repository/1', source: 'main', event: 'issues', payload };
const at = { namespace: 'github.com', source: 'main', installationId: '42' };

const collect = (changes: Partial<typeof delivery> | { payload: unknown } = {}) =>
  collectEffects({ handler: 'welcome', delivery: { ...delivery, ...changes } });

function asked(ask: (effects: Effects) => void, changes: Parameters<typeof collect>[0] = {}) {
  const { effects, requested } = collect(changes);
  ask(effects);
  return requested();
}

function refusal(ask: (effects: Effects) => void, changes: Parameters<typeof collect>[0] = {}): string {
  const { effects, requested } = collect(changes);
  let said: unknown;
  try {
    ask(effects);
  } catch (error) {
    said = error;
  }
  expect(said).toBeInstanceOf(HandlerMisuse);
  expect(requested()).toEqual([]);
  return (said as Error).message;
}

describe('what a handler asks for is written as the relay needs it', () => {
  const { issue } = payload;
  const sha = 'a'.repeat(40);

  it('comments, of the payload’s issue and repository and under its installation', () => {
    expect(asked((effects) => effects.githubComment({ issue, body: 'Thanks!' }))).toEqual([
      {
        kind: 'github.comment',
        key: '#0',
        queue: '',
        request: { ...at, owner: 'octo', repo: 'hello', issueNumber: 7, body: 'Thanks!' },
        withBody: false,
      },
    ]);
    const elsewhere = { issueNumber: 3, owner: 'a', repo: 'b', installationId: '99', body: 'x' };
    expect(asked((effects) => effects.githubComment(elsewhere))[0]?.request).toEqual({
      ...at,
      ...elsewhere,
    });
  });

  it('sticky comments, whose key names the comment and not the effect', () => {
    const twice = asked((effects) => {
      effects.githubStickyComment({ issue, key: 'status', body: 'one' });
      effects.githubStickyComment({ issueNumber: 8, key: 'status', body: 'two' });
    });
    expect(twice).toMatchObject([
      { kind: 'github.stickyComment', key: '#0', request: { name: 'status', issueNumber: 7, body: 'one' } },
      { kind: 'github.stickyComment', key: '#1', request: { name: 'status', issueNumber: 8, body: 'two' } },
    ]);
  });

  it('check runs, with what GitHub takes beside', () => {
    const run = { headSha: sha, name: 'lint', status: 'completed', conclusion: 'success' };
    expect(asked((effects) => effects.githubCheckRun({ ...run, key: 'k' }))).toMatchObject([
      {
        kind: 'github.checkRun',
        key: 'k',
        request: {
          ...at,
          owner: 'octo',
          headSha: sha,
          name: 'lint',
          fields: { status: 'completed', conclusion: 'success' },
        },
      },
    ]);
  });

  it('requests, with the repository where the route has one', () => {
    const requests = asked((effects) => {
      effects.githubRequest('PUT /repos/{owner}/{repo}/topics', { names: ['a'] }, { idempotent: true });
      effects.githubRequest('GET /rate_limit');
    });
    expect(requests.map(({ request }) => request)).toEqual([
      {
        ...at,
        route: 'PUT /repos/{owner}/{repo}/topics',
        parameters: { names: ['a'], owner: 'octo', repo: 'hello' },
        idempotent: true,
      },
      { ...at, route: 'GET /rate_limit', parameters: {} },
    ]);
  });

  it('posts, forwards, jobs and kinds of users', () => {
    const all = asked((effects) => {
      effects.post({ url: 'https://example.org/a b', body: { n: 1, none: undefined }, signWith: 's', queue: 'q' });
      effects.forward({ route: 'jenkins' });
      effects.job('sync', { full: true }, { key: 'sync' });
      effects.add('mail.send', { to: 'x' }, { queue: 'mail', withBody: true });
    });
    expect(all).toEqual([
      {
        kind: 'http.post',
        key: '#0',
        queue: 'q',
        request: { url: 'https://example.org/a%20b', body: '{"n":1}', headers: {}, signWith: 's' },
        withBody: false,
      },
      { kind: 'http.forward', key: '#1', queue: 'jenkins', request: { route: 'jenkins' }, withBody: true },
      {
        kind: 'kafka.publish',
        key: 'sync',
        queue: '',
        request: { job: 'sync', payload: { full: true } },
        withBody: false,
      },
      { kind: 'mail.send', key: '#2', queue: 'mail', request: { to: 'x' }, withBody: true },
    ]);
  });

  it('under the source of the delivery that asked for the job, when it is a job', () => {
    const job = { event: 'hookline_job', source: 'hookline.jobs', payload: { job: 'j', cause: { source: 'main' } } };
    const ask = (effects: Effects) => effects.githubComment({ issueNumber: 1, owner: 'a', repo: 'b', body: 'x' });
    expect(asked(ask, job)[0]?.request).toMatchObject({ source: 'main', installationId: null });
  });

  it('as it was when it was asked for, whatever is done to it afterwards', () => {
    const later = { list: [1] };
    const [effect] = asked((effects) => {
      effects.job('sync', later);
      later.list.push(2);
    });
    expect(effect?.request).toEqual({ job: 'sync', payload: { list: [1] } });
  });
});

// An effect's id is made of its key: with two of one key the second would be taken for known, and never be sent.
describe('keys of effects', () => {
  it('are ordinals where the handler names none, which its own do not shift', () => {
    const keys = (own: boolean) =>
      asked((effects) => {
        effects.job('a', null);
        if (own) effects.job('b', null, { key: 'mine' });
        effects.job('c', null);
      }).map(({ key }) => key);
    expect(keys(true)).toEqual(['#0', 'mine', '#1']);
    expect(keys(false)).toEqual(['#0', '#1']);
  });

  it('are each used once in a run, whatever the kind', () => {
    const { effects, requested } = collect();
    effects.job('a', null, { key: 'mine' });
    expect(() => effects.post({ url: 'http://x', body: 1, key: 'mine' })).toThrow(
      new HandlerMisuse(
        'Handler welcome, effect http.post: its key "mine" was used by this run already: each effect needs a key of its own.',
      ),
    );
    expect(requested()).toHaveLength(1);
  });

  it('are still free when what was asked for was refused', () => {
    const { effects, requested } = collect();
    expect(() => effects.job('no name!', null, { key: 'mine' })).toThrow(HandlerMisuse);
    effects.job('a', null, { key: 'mine' });
    expect(requested()).toHaveLength(1);
  });

  it.each(['', '#0', 'a\nb', 'x'.repeat(201), 1 as unknown as string])('cannot be %j', (key) => {
    expect(refusal((effects) => effects.job('a', null, { key }))).toMatch('is no key');
  });
});

describe('what cannot be kept is refused when it is asked for, naming handler and effect', () => {
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  const noIssue = { issue: {} as { number: number }, body: 'x' };

  it.each<[string, (effects: Effects) => void, string]>([
    ['no issue', (effects) => effects.githubComment(noIssue), 'github.comment: it has no number of an issue'],
    ['no body', (effects) => effects.githubComment({ issueNumber: 1, body: ' ' }), '`body` must be text'],
    [
      'no name',
      (effects) => effects.githubStickyComment({ issueNumber: 1, body: 'x', key: '' }),
      'github.stickyComment: `key` must be a name',
    ],
    ['no commit', (effects) => effects.githubCheckRun({ headSha: 'main', name: 'x' }), '`headSha` is no hash'],
    ['no route', (effects) => effects.githubRequest('/repos'), 'github.request: "/repos" is no route'],
    [
      'no installation',
      (effects) => effects.githubRequest('GET /x', {}, { installationId: 'x' }),
      '"x" is no id of an installation',
    ],
    ['no URL', (effects) => effects.post({ url: 'example.org', body: 1 }), '"example.org" is no URL of http'],
    ['a URL of files', (effects) => effects.post({ url: 'file:///etc', body: 1 }), 'is no URL of http'],
    ['a URL with a secret', (effects) => effects.post({ url: 'http://a:b@c', body: 1 }), 'holds a password'],
    ['a header of two lines', (effects) => effects.post({ url: 'http://c', body: 1, headers: { a: 'b\nc' } }), '"a"'],
    ['no body of JSON', (effects) => effects.post({ url: 'http://c', body: undefined }), 'it is undefined'],
    ['a queue of two lines', (effects) => effects.add('a', 1, { queue: 'a\nb' }), 'its queue must'],
    ['a route of no name', (effects) => effects.forward({ route: '' }), '`route` must be a name'],
    ['a job of no name', (effects) => effects.job('a job', 1), '"a job" is no name of a job'],
    ['a kind that has a call', (effects) => effects.add('http.post', {}), 'it has a call of its own'],
    ['a kind of no name', (effects) => effects.add('a b', {}), 'no name of a kind'],
    ['no request', (effects) => effects.add('a', undefined), 'effect a: it has no request'],
    ['a function', (effects) => effects.job('a', { f: () => 1 }), '"f" is a function, and no JSON'],
    ['a large integer', (effects) => effects.job('a', { n: 1n }), '"n" is a bigint'],
    ['not a number', (effects) => effects.job('a', [Number.NaN]), '"0" is NaN'],
    ['a hole', (effects) => effects.job('a', [undefined]), '"0" is undefined'],
    ['a Map', (effects) => effects.job('a', { m: new Map() }), '"m" is a Map'],
    ['a circle', (effects) => effects.job('a', circular), 'circular'],
    ['NUL', (effects) => effects.job('a', { t: 'a\0b' }), '"t" holds NUL'],
    ['half a character', (effects) => effects.job('a', { t: '\ud800' }), '"t" holds NUL or half a character'],
    ['NUL in a name', (effects) => effects.job('a', { 'a\0': 1 }), 'is not text in its name'],
    ['too much', (effects) => effects.job('a', 'x'.repeat(MAX_EFFECT_BYTES)), `bytes, above ${MAX_EFFECT_BYTES}`],
  ])('%s', (_, ask, said) => {
    const message = refusal(ask);
    expect(message).toMatch(/^Handler welcome, effect /);
    expect(message).toContain(said);
  });

  it('a repository that neither the payload nor the handler names', () => {
    const ask = (effects: Effects) => effects.githubComment({ issueNumber: 1, body: 'x' });
    expect(refusal(ask, { payload: {} })).toContain('the payload of issues names no repository');
  });

  it('keeps a date as JSON has it', () => {
    const [effect] = asked((effects) => effects.job('a', new Date(0)));
    expect(effect?.request).toEqual({ job: 'a', payload: '1970-01-01T00:00:00.000Z' });
  });

  it('more than one run may ask for', () => {
    const { effects, requested } = collect();
    for (let n = 0; n < MAX_EFFECTS; n++) effects.job('a', n);
    expect(() => effects.job('a', 'one more')).toThrow('at most 1000 in one run; make a job of the rest');
    expect(requested()).toHaveLength(MAX_EFFECTS);
  });

  it('more bytes than one run may ask for', () => {
    const { effects, requested } = collect();
    const large = 'x'.repeat(MAX_EFFECT_BYTES - 100);
    for (let n = 0; n < MAX_RUN_BYTES / MAX_EFFECT_BYTES; n++) effects.job('a', large);
    expect(() => effects.job('a', large)).toThrow(`above ${MAX_RUN_BYTES} bytes`);
    expect(requested()).toHaveLength(MAX_RUN_BYTES / MAX_EFFECT_BYTES);
  });

  // Its transaction has read what was asked for: what comes later would be lost without a word.
  it.each(['settle', 'close'] as const)('anything after %s', (end) => {
    const collected = collect();
    collected[end]();
    expect(() => collected.effects.job('late', null)).toThrow(
      'Handler welcome, effect kafka.publish: asked for after the handler had settled: await everything before you return.',
    );
  });
});
