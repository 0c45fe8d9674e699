import { testStack } from '@hookline/local-stack';
import { describe, expect, it } from '@jest/globals';
import type { Bench, Side } from '../bench.ts';
import { measureOnce } from '../run-pairs.ts';
import { BENCHES } from './index.ts';

// What is measured only now and then rots: each bench runs here at a size that shows nothing but that it runs, and
// checks by itself that it has measured what it was meant to. Nothing is said about the figures, so that two run at once.
// Of benches that differ in their payloads only, the one with small bodies runs: it is the same code.
const names = new Set(BENCHES.map(({ name }) => name));
const isTwin = (name: string): boolean => name.endsWith('-examples') && names.has(name.replace('-examples', '-small'));
const short = BENCHES.filter(({ name }) => !isTwin(name));

/** Of several baselines for the same subject, in this order: it runs with the first. */
const SAME_SUBJECT = ['door', 'queue', 'naive'];
/** Their sides are the same code with other numbers. */
const SAME_SIDES = ['repositories', 'partitions', 'hot-repository', 'identities'];

describe.each(short.map((bench) => [bench.name, bench] as const))('%s', (_, bench) => {
  it.concurrent.each(sidesToRun(bench))('measures its figures, and its ledger adds up: %s', async (side) => {
    const context = { stack: await testStack(), scale: 0.02, from: 'source', profiles: null, say: () => {} } as const;
    const { values } = await measureOnce(bench, side, context);
    expect(bench.figures.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(values)));
  });
});

function sidesToRun({ name, sides }: Bench): Side[] {
  if (sides.baseline === undefined || SAME_SIDES.includes(name)) return ['subject'];
  const family = SAME_SUBJECT.find((one) => name.startsWith(`${one}-`));
  const isFirst = short.find((other) => other.name.startsWith(`${family}-`))?.name === name;
  return family === undefined || isFirst ? ['baseline', 'subject'] : ['baseline'];
}
