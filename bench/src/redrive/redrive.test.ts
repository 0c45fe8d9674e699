import { testStack } from '@hookline/local-stack';
import { expect, it } from '@jest/globals';
import { runRedrive } from './run-redrive.ts';

// Ctrl-C in the middle, while the command waits for its rate: what it has written takes effect once, and the same command
// again writes the rest.
it('runs each dead letter of one error once, in order, though the command is interrupted and run again', async () => {
  const said: string[] = [];
  const { checks, verify } = await runRedrive(
    { letters: 2000, repositories: 40, rate: 400, interrupt: true },
    { stack: await testStack(), from: 'source', profiles: null, say: (line) => void said.push(line) },
  );
  expect(said).toContain('interrupted; the same again');
  expect(verify).toEqual({ before: null, after: null });
  expect(checks.filter(({ found, expected }) => found !== expected)).toEqual([]);
}, 170_000);
