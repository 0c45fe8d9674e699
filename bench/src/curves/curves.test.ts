import { testStack } from '@hookline/local-stack';
import { describe, expect, it } from '@jest/globals';
import { CURVES } from './index.ts';
import { measurePoint } from './run-curves.ts';

// As the benches: one point of each at a size that shows nothing but that it runs.
describe.each(CURVES.map((curve) => [curve.name, curve] as const))('%s', (_, curve) => {
  it.concurrent('measures a value for each of its series, and its ledger adds up', async () => {
    const context = { stack: await testStack(), scale: 0.02, from: 'source', profiles: null, say: () => {} } as const;
    const { values } = await measurePoint(curve, curve.x.at[2] as number, context);
    expect(Object.keys(values).toSorted()).toEqual(curve.series.map(({ name }) => name).toSorted());
  });
});
