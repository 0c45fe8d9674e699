import { describe, expect, it } from '@jest/globals';
import { parseRoutes } from './parse-routes.ts';

const parse = (list: unknown) => parseRoutes(JSON.stringify(list));
const least = { name: 'ci', on: ['push'], forward: 'https://ci.example/hook' };

describe('a list of routes', () => {
  it('needs name, events and URL; all else is as the relay is configured', () => {
    expect(parse([least])).toEqual({
      success: true,
      routes: [{ ...least, secret: null, timeoutMs: null, maxAttempts: null, on4xx: 'dead-letter', sources: null }],
    });
  });

  it('says where secrets are, how long and how often, what a 4xx means, and which sources', () => {
    const whole = { ...least, on: ['*', 'issues.opened', 'push'], timeoutMs: 5000, maxAttempts: 3, on4xx: 'retry' };
    expect(parse([{ ...whole, secretFile: '/secrets/ci', sources: ['main', 'other'] }])).toEqual({
      success: true,
      routes: [{ ...whole, secret: { file: '/secrets/ci' }, sources: new Set(['main', 'other']) }],
    });
    expect(parse([{ ...least, secretEnv: 'CI_SECRET' }])).toMatchObject({ routes: [{ secret: { env: 'CI_SECRET' } }] });
  });

  it('may be empty', () => {
    expect(parse([])).toEqual({ success: true, routes: [] });
  });

  it('names all problems at once, by place', () => {
    const result = parse([
      { name: 'CI', on: [], forward: 'ftp://host', timeoutMs: 0, maxAttempts: 1.5, on4xx: 'ignore', sources: [] },
      { name: 'a', on: ['push', 'is sues', 7], forward: 'https://user:word@host/', secretFile: 'x', secretEnv: 'y' },
      { name: 'a', on: 'push', forward: 'nowhere', secretEnv: 1, event: 'push' },
      { on: ['push'], sources: ['Main'] },
      { name: 'b', on: ['push'], forward: 'https://host/#part' },
      'push',
    ]);
    expect(result).toEqual({
      success: false,
      problems: [
        '[0].name is not lower-case letters, digits, ".", "_" and "-", at most 63.',
        '[0].on is not a list with at least one entry.',
        '[0].forward is not a URL of http or https.',
        '[0].timeoutMs is not a whole number, at least 1.',
        '[0].maxAttempts is not a whole number, at least 1.',
        '[0].on4xx is not dead-letter or retry.',
        '[0].sources is not a list with at least one entry.',
        '[1].on[1] is not *, an event, or event.action.',
        '[1].on[2] is not *, an event, or event.action.',
        '[1].forward has a user name or password, which are not sent.',
        '[1] has both secretFile and secretEnv.',
        '[2].event is not known; known are name, on, forward, secretFile, secretEnv, timeoutMs, maxAttempts, on4xx, sources.',
        '[2].on is not a list with at least one entry.',
        '[2].forward is not a URL.',
        '[2].secretEnv is not a text.',
        '[3].name is missing.',
        '[3].forward is missing.',
        '[3].sources[0] is not the name of a source: lower-case letters, digits, ".", "_" and "-", at most 63.',
        '[4].forward has a fragment, which is not sent.',
        '[5] is not an object.',
        'Two routes have the name "a".',
      ],
    });
  });

  it('is JSON, and what is none is not quoted', () => {
    expect(parseRoutes('[{"forward": "https://token@host"')).toMatchObject({ success: false });
    expect(JSON.stringify(parseRoutes('[{"forward": "https://token@host"'))).not.toContain('token');
    expect(parseRoutes('{}')).toEqual({ success: false, problems: ['It is not a list of routes.'] });
  });
});
