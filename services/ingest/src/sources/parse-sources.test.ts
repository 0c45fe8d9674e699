import { describe, expect, it } from '@jest/globals';
import { parseSources } from './parse-sources.ts';

const origins = {
  readFile: (path: string) => {
    const files: Record<string, string> = { '/run/a': 'from a file\n', '/run/empty': '\n', '/run/two': 'two\r\n' };
    if (files[path] === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`);
    return files[path];
  },
  environment: { SECRET_A: 'from the environment', EMPTY: '' },
};
const parse = (value: unknown) => parseSources(typeof value === 'string' ? value : JSON.stringify(value), origins);
const problems = (value: unknown) => {
  const result = parse(value);
  return result.success ? [] : result.problems;
};
const secrets = [{ label: 'a', secret: 's' }];

describe('parseSources', () => {
  it('fills in path, namespace and scope', () => {
    expect(parse([{ name: 'main', secrets }])).toEqual({
      success: true,
      sources: [
        { name: 'main', path: '/webhooks/main', namespace: 'github.com', dedupScope: 'main', secrets, events: null },
      ],
    });
  });

  it('takes all that is given, and secrets from where they are', () => {
    const given = {
      name: 'ghes',
      path: '/hooks/ghes',
      namespace: 'github.example.com:8443',
      dedupScope: 'enterprise',
      secrets: [
        { label: 'file', secretFile: '/run/a' },
        { label: 'two', secretFile: '/run/two' },
        { label: 'env', secretEnv: 'SECRET_A' },
        { label: 'here', secret: ' kept as it is\n' },
      ],
      events: ['push', 'issues'],
    };
    expect(parse([given])).toEqual({
      success: true,
      sources: [
        {
          ...given,
          events: new Set(['push', 'issues']),
          secrets: [
            { label: 'file', secret: 'from a file' },
            { label: 'two', secret: 'two' },
            { label: 'env', secret: 'from the environment' },
            { label: 'here', secret: ' kept as it is\n' },
          ],
        },
      ],
    });
  });

  it.each<[unknown, string]>([
    ['', 'It is not valid JSON'],
    ['{', 'It is not valid JSON'],
    [{}, 'It is not a list of sources with at least one entry.'],
    [[], 'It is not a list of sources with at least one entry.'],
    [[7], '[0] is not an object.'],
    [[null], '[0] is not an object.'],
    [[{ secrets }], '[0].name is missing.'],
    [[{ name: 7, secrets }], '[0].name is not a text.'],
    [[{ name: 'a b', secrets }], '[0].name is not lower-case letters'],
    [[{ name: 'a', path: 'a', secrets }], '[0].path is not a path like'],
    [[{ name: 'a', path: '/a/', secrets }], '[0].path is not a path like'],
    [[{ name: 'a', path: '/a?b', secrets }], '[0].path is not a path like'],
    [[{ name: 'a', path: '/api-docs', secrets }], '[0].path is /api-docs, which this server serves itself.'],
    [[{ name: 'a', namespace: 'GitHub.com', secrets }], '[0].namespace is not a host name'],
    [[{ name: 'a', namespace: 'https://github.com', secrets }], '[0].namespace is not a host name'],
    [[{ name: 'a', dedupScope: '', secrets }], '[0].dedupScope is not'],
    [[{ name: 'hookline.jobs', secrets }], "[0].name is hookline.jobs, which is that of Hookline's own jobs."],
    [[{ name: 'a', dedupScope: 'hookline.jobs', secrets }], '[0].dedupScope is hookline.jobs, which is that of'],
    [[{ name: 'a', secrets, event: ['push'] }], '[0].event is not known; known are name,'],
    [[{ name: 'a', secrets, events: [] }], '[0].events is not a list with at least one event'],
    [[{ name: 'a', secrets, events: 'push' }], '[0].events is not a list'],
    [[{ name: 'a', secrets, events: ['push', 'issues.opened'] }], '[0].events[1] is not the name of an event.'],
    [[{ name: 'a', secrets, events: [1] }], '[0].events[0] is not the name of an event.'],
    [[{ name: 'a' }], '[0].secrets is not a list with at least one secret.'],
    [[{ name: 'a', secrets: [] }], '[0].secrets is not a list with at least one secret.'],
    [[{ name: 'a', secrets: ['x'] }], '[0].secrets[0] is not an object.'],
    [[{ name: 'a', secrets: [{ label: 'a' }] }], '[0].secrets[0] does not have exactly one of secret,'],
    [[{ name: 'a', secrets: [{ label: 'a', secret: 'x', secretEnv: 'SECRET_A' }] }], 'does not have exactly one of'],
    [[{ name: 'a', secrets: [{ secret: 'x' }] }], '[0].secrets[0].label is missing.'],
    [[{ name: 'a', secrets: [{ label: 'a', secret: 7 }] }], '[0].secrets[0].secret is not a text.'],
    [[{ name: 'a', secrets: [{ label: 'a', secret: '' }] }], '[0].secrets[0].secret is empty'],
    [[{ name: 'a', secrets: [{ label: 'a', secret: ' ' }] }], '[0].secrets[0].secret is empty'],
    [[{ name: 'a', secrets: [{ label: 'a', secretEnv: 'EMPTY' }] }], '[0].secrets[0].secretEnv is empty'],
    [[{ name: 'a', secrets: [{ label: 'a', secretFile: '/run/empty' }] }], '[0].secrets[0].secretFile is empty'],
    [[{ name: 'a', secrets: [{ label: 'a', secretEnv: 'NONE' }] }], 'names the variable NONE, which is not set.'],
    [[{ name: 'a', secrets: [{ label: 'a', secretFile: '/x' }] }], 'names a file that cannot be read (ENOENT'],
    [[{ name: 'a', secrets: [...secrets, { label: 'a', secret: 'y' }] }], '.secrets[1].label is "a", as another'],
    [[{ name: 'a', secrets: [{ label: 'a', secret: 'x', extra: 1 }] }], '[0].secrets[0].extra is not known'],
  ])('refuses %j', (value, problem) => {
    const found = problems(value);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(problem);
  });

  it('refuses what clashes between sources', () => {
    const namespaces = { first: 'github.com', second: 'github.example.com' };
    expect(
      problems([
        { name: 'a', secrets, dedupScope: 'shared', namespace: namespaces.first },
        { name: 'a', secrets, path: '/other', dedupScope: 'shared' },
        { name: 'c', secrets, path: '/other', dedupScope: 'shared', namespace: namespaces.second },
      ]),
    ).toEqual([
      'Two sources have the name "a".',
      'The sources "a" and "c" have the same path /other.',
      'The dedupScope "shared" spans the namespaces github.com and github.example.com: give each its own.',
    ]);
  });

  it('names all problems at once, and quotes no secret even of a list that is no JSON', () => {
    const found = problems([{ name: 'A', secrets: [{ label: 'a', secret: '' }] }, { path: '/x' }]);
    expect(found).toHaveLength(4);
    const broken = problems('[{"name":"main","secrets":[{"label":"a","secret":"very secret" oops}]}]');
    expect(broken[0]).toMatch(/^It is not valid JSON \(line 1 column \d+\)\.$/);
  });
});
