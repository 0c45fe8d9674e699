import { describe, expect, it } from '@jest/globals';
import { endBlocked } from './end-blocked.ts';

const never = new Promise<never>(() => {});

/** Everything that it does, in order; each wait ends at once unless a part of it never does. */
async function ends({
  stack = ['loop (a.ts:1:1)'],
  pipe = 'open',
}: { stack?: string[] | null; pipe?: 'open' | 'full' } = {}) {
  const done: string[] = [];
  const lines: Record<string, unknown>[] = [];
  await endBlocked({
    service: 'fixture',
    blockedMs: 500,
    mainThread: () =>
      Promise.resolve({
        stack: () => Promise.resolve(stack),
        exit: (code) => void done.push(`main thread: exit ${code}`),
      }),
    tell(line) {
      done.push('tell');
      lines.push(JSON.parse(line) as Record<string, unknown>);
      return pipe === 'full' && lines.length === 1 ? never : Promise.resolve();
    },
    signal: () => void done.push('SIGALRM'),
    delay: () => Promise.resolve(),
  });
  return { done, lines };
}

// In this process nothing ends, so that what comes after the signal is seen, as PID 1 of a container sees it.
describe('endBlocked', () => {
  it('tells first, then signals, then lets the main thread exit, and says why if even that does not help', async () => {
    const { done, lines } = await ends();
    expect(done).toEqual(['tell', 'SIGALRM', 'main thread: exit 142', 'tell']);
    expect(lines[0]).toEqual({
      level: 'fatal',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      service: 'fixture',
      exitCode: 142,
      blockedMs: 500,
      stack: ['loop (a.ts:1:1)'],
      msg: expect.stringContaining('blocked for 500 ms, at loop (a.ts:1:1)'),
    });
    expect(lines[1]?.['msg']).toContain('it is PID 1');
  });

  it('says so where the main thread cannot tell where it is', async () => {
    const { lines } = await ends({ stack: null });
    expect(lines[0]).toMatchObject({ stack: null, msg: expect.stringContaining('and does not say where') });
  });

  // A log that nobody reads any more can be the very reason why the loop is blocked.
  it('does not wait for a log that takes nothing', async () => {
    const { done } = await ends({ pipe: 'full' });
    expect(done).toContain('SIGALRM');
  });
});
