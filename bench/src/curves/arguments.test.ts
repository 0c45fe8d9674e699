import { describe, expect, it } from '@jest/globals';
import { parseCurves } from './arguments.ts';
import { CURVES } from './index.ts';

describe('the command line of curves', () => {
  it('measures all of them where it names none', () => {
    const none = { scale: 1, resume: null };
    expect(parseCurves([], CURVES)).toEqual({ success: true, show: null, options: { ...none, curves: [...CURVES] } });
    expect(parseCurves(['load', '--scale', '0.5', '--resume=points'], CURVES)).toEqual({
      success: true,
      show: null,
      options: { scale: 0.5, resume: 'points', curves: CURVES.filter(({ name }) => name === 'load') },
    });
    expect(parseCurves(['--help'], CURVES)).toMatchObject({
      success: true,
      show: expect.stringContaining('body-size'),
    });
  });

  it.each([
    [['nothing'], 'There is no curve "nothing".'],
    [['--scale', '0'], '--scale is "0"; it must be above 0 and at most 1.'],
    [['--scale', 'all'], '--scale is "all"; it must be above 0 and at most 1.'],
    [['--pairs', '2'], expect.stringContaining('--pairs')],
  ])('refuses %j', (args, problem) => {
    expect(parseCurves(args, CURVES)).toEqual({ success: false, problem });
  });
});
