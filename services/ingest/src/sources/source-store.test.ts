import { expect, it } from '@jest/globals';
import { readSources } from './read-sources.ts';
import { createSourceStore } from './source-store.ts';

const source = {
  path: '/a',
  namespace: 'github.com',
  dedupScope: 'a',
  secrets: [{ label: 'x', secret: 's' }],
  events: null,
};

it('tells of a change once, and finds by path what holds now', () => {
  const told: string[] = [];
  let result = {
    success: true as const,
    sources: [{ ...source, name: 'a', events: new Set(['push']) as ReadonlySet<string> }],
  };
  const store = createSourceStore(() => result, {
    sourcesLoaded: (sources) =>
      told.push(sources.map(({ name, events }) => `${name} ${[...(events ?? [])].join()}`).join()),
    sourcesRefused: (problems) => told.push(...problems),
  });
  store.reload();
  expect(store.find('/a')?.name).toBe('a');
  expect(store.find('/b')).toBeUndefined();
  // Only a set has changed, which JSON would not show.
  result = { success: true, sources: [{ ...source, name: 'a', events: new Set(['issues']) }] };
  store.reload();
  store.reload();
  expect(told).toEqual(['a push', 'a issues']);
});

it('is not there without sources that are right', () => {
  const events = { sourcesLoaded: () => undefined, sourcesRefused: () => undefined };
  expect(() => createSourceStore(() => ({ success: false, problems: ['x'] }), events)).toThrow(RangeError);
});

it('names the variable whose sources are wrong', () => {
  const read = (sourcesFile?: string, sources?: string) => readSources({ sourcesFile, sources }, {});
  const one = ['Set one of HOOKLINE_SOURCES_FILE and HOOKLINE_SOURCES: the webhooks to take.'];
  expect(read()).toEqual({ success: false, problems: one });
  expect(read('/nowhere/sources.json', '[]')).toEqual({ success: false, problems: one });
  expect(read(undefined, '[]')).toMatchObject({ problems: [expect.stringMatching(/^HOOKLINE_SOURCES: /)] });
  expect(read('/nowhere/sources.json')).toMatchObject({
    problems: [expect.stringMatching(/^HOOKLINE_SOURCES_FILE names a file/)],
  });
});
