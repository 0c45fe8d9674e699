import { testStack } from '@hookline/local-stack';
import { describe, expect, it } from '@jest/globals';
import { parseRelay, type RelayBench } from './arguments.ts';
import { runRelay } from './run-relay.ts';

// As of the other benches: that it runs, at a size that says nothing about its figures.
describe.each<[RelayBench, string]>([
  ['relay-backlog', 'perSecond'],
  ['relay-latency', 'medianMs'],
])('%s', (bench, figure) => {
  it('measures what it means to', async () => {
    const context = { stack: await testStack(), from: 'source', profiles: null, say: () => {} } as const;
    const report = await runRelay(bench, { effects: 40, repositories: 4 }, context);
    expect(report[figure]).toBeGreaterThan(0);
    expect(report['effects']).toBe(40);
  });

  it('reads its arguments', () => {
    expect(parseRelay(bench, [])).toMatchObject({ success: true, help: false, options: { json: false } });
    expect(parseRelay(bench, ['--effects', '5', '--json'])).toMatchObject({ options: { effects: 5, json: true } });
    expect(parseRelay(bench, ['--help'])).toEqual({ success: true, help: true });
    const problem = '--effects is "0"; it must be a whole number from 1.';
    expect(parseRelay(bench, ['--effects', '0'])).toEqual({ success: false, problem });
    expect(parseRelay(bench, ['--nothing'])).toMatchObject({ success: false });
  });
});
