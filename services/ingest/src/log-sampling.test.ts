import { expect, it } from '@jest/globals';
import { createLogSampling } from './log-sampling.ts';

it('writes the first lines of each kind in a window, and says later how many were held back', () => {
  let now = 0;
  const written: string[] = [];
  const sampling = createLogSampling({ perWindow: 2, windowMs: 1000, clock: { now: () => now, monotonic: () => now } });
  const sample = (kind: string) => sampling.sample(kind, (heldBack) => written.push(`${kind} ${heldBack}`));
  for (let i = 0; i < 5; i++) sample('a');
  sample('b');
  expect(written).toEqual(['a 0', 'a 0', 'b 0']);
  now = 999;
  sample('a');
  now = 1000;
  sample('a');
  sample('a');
  sample('a');
  expect(written.slice(3)).toEqual(['a 4', 'a 0']);
});
