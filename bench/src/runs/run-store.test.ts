import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { openRunStore, type Setup } from './run-store.ts';

const measured = { values: { speed: 2 }, ledger: { published: 1, completed: 1, missing: 0 } };
let directory: string;
beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'hookline-runs-'))));
afterEach(() => rm(directory, { recursive: true }));

async function open(setup: Setup) {
  const opened = await openRunStore(join(directory, 'runs'), setup);
  if (!opened.success) throw new Error(opened.problem);
  return opened.store;
}

it('has each run that was finished before it was opened again, and no other', async () => {
  await (await open({ scale: 1 })).keep('poison-1-subject', measured, { load: 3 });
  const again = await open({ scale: 1 });
  expect(await again.find('poison-1-subject')).toEqual({ ...measured, load: 3 });
  expect(await again.find('poison-1-baseline')).toBeNull();
});

it('takes no half of a run for a run', async () => {
  const store = await open({});
  // What is left where the process was killed while it wrote.
  await writeFile(join(directory, 'runs', 'one.json.partial'), '{"values":');
  expect(await store.find('one')).toBeNull();
  await store.keep('one', measured);
  expect(await readdir(join(directory, 'runs'))).toEqual(expect.arrayContaining(['one.json', 'setup.json']));
  expect(await readdir(join(directory, 'runs'))).toHaveLength(2);
});

it('refuses runs that were made under another setup: their ratios would not be of one thing', async () => {
  await open({ scale: 1 });
  await expect(open({ scale: 0.1 })).rejects.toThrow(
    'has runs of another setup, {"scale":1}, and this is {"scale":0.1}',
  );
});
