import { describe, expect, it } from '@jest/globals';
import { parseReplayRules, replayPolicy } from './replay-policies.ts';

describe('replay policies', () => {
  it('are read as source/event=policy', () => {
    expect(parseReplayRules('main/issues=process, */*=suppress')).toEqual({
      success: true,
      value: [
        { source: 'main', event: 'issues', policy: 'process' },
        { source: '*', event: '*', policy: 'suppress' },
      ],
    });
  });

  // A rule that is misread would run what is to be held.
  it.each([[''], ['main=hold'], ['main/issues'], ['main/issues='], ['a/b/c=hold'], ['main/issues=hold,']])(
    'are refused as %p',
    (text) => expect(parseReplayRules(text)).toMatchObject({ success: false }),
  );

  it('name those that there are where one is not', () => {
    expect(parseReplayRules('main/issues=run')).toEqual({
      success: false,
      reason: 'the policy run is not one of hold, process, suppress',
    });
  });

  it('are decided by the rule that names most, the source before the event; what none names is held', () => {
    const rules = (text: string) => {
      const read = parseReplayRules(text);
      return read.success ? read.value : [];
    };
    const all = rules('*/*=suppress,*/issues=process,main/*=hold,main/issues=process');
    expect(replayPolicy(all, 'main', 'issues')).toBe('process');
    expect(replayPolicy(all.slice(0, 3), 'main', 'issues')).toBe('hold');
    expect(replayPolicy(all, 'other', 'issues')).toBe('process');
    expect(replayPolicy(all, 'other', 'push')).toBe('suppress');
    expect(replayPolicy(rules('main/issues=process'), 'main', 'push')).toBe('hold');
  });
});
