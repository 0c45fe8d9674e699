import { describe, expect, it } from '@jest/globals';
import { until } from './until.ts';

describe('until', () => {
  it('asks until there is an answer, and resolves to it, be it 0', async () => {
    const answers = [false, undefined, 0, 1];
    await expect(until('a number', () => answers.shift())).resolves.toBe(0);
    expect(answers).toEqual([1]);
  });

  it('asks at least once, and names what it waited for in vain', async () => {
    await expect(until('the end', () => 'now', 0)).resolves.toBe('now');
    await expect(until('the end', () => Promise.resolve(false), 100)).rejects.toThrow(
      'Waited 0.1 s in vain for: the end',
    );
  });

  it('hides no error of the probe', async () => {
    const error = new Error('a bug');
    await expect(until('nothing', () => Promise.reject(error))).rejects.toBe(error);
  });
});
