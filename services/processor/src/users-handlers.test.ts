import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startProgram } from '@hookline/test-support';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hookline-handlers-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What a processor says that is started with a module; nothing else of its settings is wrong. */
async function start(
  name: string,
  text: string | null,
): Promise<{ code: number | null; stdout: string; said: string }> {
  const path = join(folder, name);
  if (text !== null) await writeFile(path, text);
  const { code, stdout, stderr } = await startProgram({
    main: 'services/processor/src/main.ts',
    env: {
      HOOKLINE_HANDLERS_MODULE: text === null && !name.includes('.') ? name : path,
      HOOKLINE_KAFKA_BROKERS: 'localhost:1',
      HOOKLINE_REGISTRY_URL: 'http://localhost:1',
      HOOKLINE_DATABASE_URL: 'postgresql://localhost:1/none',
      HOOKLINE_OPERATIONS_PORT: '0',
    },
  }).ended;
  const [head, ...rest] = stderr.trimEnd().split('\n');
  expect(head).toBe('hookline-processor did not start. This setting is wrong:');
  expect(rest.at(-1)).toBe('hookline-processor --help tells all settings.');
  expect(rest).toHaveLength(2);
  return { code, stdout, said: rest[0]?.replace(path, '<path>').replace(folder, '<folder>') ?? '' };
}

// An operator reads this line, and nothing else tells them: without it the processor would run, and skip their handlers.
describe("a processor whose user's module is wrong says so in one line, and does not start", () => {
  const asked = 'export default ({ on })';
  it.each<[string, string, string | null, string]>([
    ['is not there', 'none.ts', null, 'There is no file '],
    ['is no package', 'no-such-package', null, 'No such package is installed in '],
    ['is no program', 'syntax.ts', 'export default (', 'It cannot be loaded: SyntaxError: '],
    ['has types that make code', 'enum.ts', 'enum A { B }', 'It cannot be loaded: SyntaxError: '],
    [
      'imports what is not there',
      'import.ts',
      `import 'not-there';`,
      `It cannot be loaded: Error: Cannot find package`,
    ],
    ['throws', 'throws.mjs', `throw new Error('first\\nsecond')`, 'It cannot be loaded: Error: first second'],
    ['throws something else', 'text.mjs', `throw 'text'`, 'It cannot be loaded: text'],
    ['exports nothing', 'nothing.ts', 'export const handlers = [];', 'It has no default export'],
    ['exports something else', 'other.ts', 'export default { on: 1 };', 'Its default export is no list of handlers:'],
    ['lists something else', 'list.ts', 'export default [[], [{}]];', 'is no list of handlers (see entry 0):'],
    ['exports no handlers', 'empty.ts', 'export default () => {};', 'Its default export has no handlers'],
    [
      'registers nothing to run',
      'run.ts',
      `${asked} => on('push');`,
      'cannot be registered: TypeError: on("push") has no',
    ],
    [
      'has two of one name',
      'twice.ts',
      `${asked} => { on('push', () => {}); on('push', () => {}); };`,
      'Two handlers are named push',
    ],
    [
      'has one of the name of a built-in one',
      'ours.ts',
      `${asked} => on('push', 'repository-activity', () => {});`,
      'Two handlers are named repository-activity',
    ],
    ['has no name that can be', 'name.ts', `${asked} => on('push', 'a b', () => {});`, '"a b" is no name of a handler'],
    [
      'has no policy that can be kept',
      'policy.ts',
      `${asked} => on('push', 'a', { onExhausted: 'wait' }, () => {});`,
      'onExhausted of handler a is wait',
    ],
    [
      'asks for an event that is misspelled',
      'event.ts',
      `${asked} => on('pull-requests', 'a', () => {});`,
      'Handler a: GitHub has no event "pull-requests". Did you mean pull_request?',
    ],
    [
      'asks for an action that is misspelled',
      'action.ts',
      `${asked} => on('issues.opend', 'a', () => {});`,
      'Handler a: The event issues has no action "opend". Did you mean issues.opened?',
    ],
  ])('%s', async (_, name, text, expected) => {
    const { code, stdout, said } = await start(name, text);
    expect(said).toContain(
      `- HOOKLINE_HANDLERS_MODULE is "${text === null && !name.includes('.') ? name : '<path>'}": `,
    );
    expect(said).toContain(expected);
    expect([code, stdout]).toEqual([2, '']);
  });

  it('lets a handler take longer than progress may', async () => {
    const text = `${asked} => on('push', 'slow', { timeoutMs: 999_999 }, () => {});`;
    const { code, said } = await start('slow.ts', text);
    expect(said).toMatch(/^ {2}- HOOKLINE_STUCK_MS is \d+: it must be above the timeout of handler slow \(999999\)/);
    expect(code).toBe(2);
  });
});
