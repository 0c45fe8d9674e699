import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadHandlers } from './load-handlers.ts';

// How a processor tells of modules that are wrong is shown by its own tests, with real processes.

let from: string;
beforeAll(async () => {
  from = await mkdtemp(join(tmpdir(), 'hookline-load-'));
});
afterAll(() => rm(from, { recursive: true }));

const handler = (name: string) => `{ kind: 'delivery', name: '${name}', on: ['push'], run: async () => {} }`;

async function names(specifier: string): Promise<string[] | string> {
  const loaded = await loadHandlers(specifier, { from });
  return loaded.success ? loaded.handlers.map(({ name }) => name) : loaded.problems.join(' ');
}

describe('a module of handlers', () => {
  it.each([
    ['list.mjs', `export default [${handler('a')}, ${handler('b')}]`, ['a', 'b']],
    ['lists.mjs', `export default [[${handler('a')}], [], [${handler('b')}]]`, ['a', 'b']],
    ['one.mjs', `export default ${handler('a')}`, ['a']],
    ['function.mjs', `export default ({ on }) => { on('push', () => {}); on('fork', () => {}); }`, ['push', 'fork']],
    ['typed.ts', `const a: string = 'a'; export default ({ on }: any) => on('push', a, () => {});`, ['a']],
  ])('can be %s: %s', async (name, text, expected) => {
    const path = join(from, name);
    await writeFile(path, text);
    for (const specifier of [path, `./${name}`, name, pathToFileURL(path).href]) {
      expect(await names(specifier)).toEqual(expected);
    }
  });

  it('can be a package, found from the folder that the processor was started in', async () => {
    await mkdir(join(from, 'node_modules/my-handlers'), { recursive: true });
    await writeFile(join(from, 'node_modules/my-handlers/package.json'), '{ "type": "module", "main": "index.js" }');
    await writeFile(join(from, 'node_modules/my-handlers/index.js'), `export default ${handler('packed')}`);
    expect(await names('my-handlers')).toEqual(['packed']);
    expect(await names('other-handlers')).toContain(`No such package is installed in ${from}`);
  });

  it.each([
    ['file://elsewhere/a.mjs', undefined, 'It cannot be loaded: TypeError: File URL host must be'],
    ['./throws-odd.mjs', 'throw Object.create(null)', 'It cannot be loaded: [Object: null prototype] {}'],
    [
      './policies.mjs',
      `export default ({ on }) => {
         on('push', 'a', { retry: null }, () => {});
         on('push', 'b', { maxAttemps: 3 }, () => {});
       }`,
      'retry of handler a is null: minMs and maxMs must be whole numbers of milliseconds, at least 1, and minMs not ' +
        'above maxMs. Handler b has an option maxAttemps, which is not known; known are timeoutMs, maxAttempts, retry, ' +
        'onExhausted.',
    ],
  ])('that is wrong is told of: %s: %s', async (specifier, text, said) => {
    if (text !== undefined) await writeFile(join(from, specifier), text);
    expect(await names(specifier)).toContain(said);
  });

  it('is given up when it does not finish', async () => {
    await writeFile(join(from, 'waits.mjs'), 'await new Promise(() => {});');
    const loaded = await loadHandlers('waits.mjs', { from, timeoutMs: 20 });
    expect(loaded).toEqual({
      success: false,
      problems: [expect.stringContaining('it has not finished within 20 ms')],
    });
  });
});
