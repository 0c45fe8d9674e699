import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createUsersKinds } from './users-kinds.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hookline-kinds-'));
});
afterAll(() => rm(folder, { recursive: true }));

let files = 0;

async function load(text: string) {
  const effectKindsModule = join(folder, `${files++}.mjs`);
  await writeFile(effectKindsModule, text);
  const kinds = createUsersKinds();
  return { problems: await kinds.load({ effectKindsModule }), names: kinds.all().map(({ name }) => name) };
}

const kind = (name: string) =>
  `{ name: '${name}', target: () => 'x', onAmbiguous: () => 'park', send: async () => ({}) }`;

// A relay that began with half of its kinds would have the effects of the others wait, and their repositories behind them.
describe("the module of users' kinds", () => {
  it('gives its kinds to the relay', async () => {
    expect(await load(`export default [${kind('chat.say')}, ${kind('chat.shout')}]`)).toEqual({
      problems: [],
      names: ['chat.say', 'chat.shout'],
    });
  });

  it.each([
    ['export default [{ name: "chat.say" }]', 'The kind chat.say has no function `send`.'],
    [`export default [${kind('http.post')}]`, 'There is a kind http.post already.'],
    ['export default {}', 'Its default export is no list of kinds of effects.'],
    ['export default []', 'Its default export is no list of kinds of effects.'],
    ['export const x = 1', 'Its default export is no list of kinds of effects.'],
    ['throw new Error("not today")', 'It cannot be loaded: Error: not today'],
  ])('is refused: %s', async (text, problem) => {
    const { problems, names } = await load(text);
    expect(problems.some((one) => one.startsWith('HOOKLINE_EFFECT_KINDS_MODULE is "') && one.endsWith(problem))).toBe(
      true,
    );
    expect(names).toEqual([]);
  });

  it('is refused where there is none, and none is needed', async () => {
    const kinds = createUsersKinds();
    expect(await kinds.load({})).toEqual([]);
    expect(await kinds.load({ effectKindsModule: join(folder, 'none.mjs') })).toEqual([
      expect.stringContaining('There is no file'),
    ]);
  });
});
