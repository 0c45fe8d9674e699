import { testStack } from '@hookline/local-stack';
import { describe, expect, it } from '@jest/globals';
import type { Side } from '../bench.ts';
import { BENCHES } from './index.ts';

// What is measured only now and then rots: each bench runs here at a size that shows nothing but that it runs, and
// checks by itself that it has measured what it was meant to. Nothing is said about the figures.
describe.each(BENCHES.map((bench) => [bench.name, bench] as const))('%s', (_, bench) => {
  it.each<Side>(['baseline', 'subject'])('measures a figure of each kind: %s', async (side) => {
    const context = { stack: await testStack(), scale: 0.02, from: 'source', profiles: null, say: () => {} } as const;
    const values = await bench.measure(side, context);
    expect(Object.keys(values).toSorted()).toEqual(bench.figures.map(({ name }) => name).toSorted());
    for (const value of Object.values(values)) expect(value).toBeGreaterThan(0);
  });
});
