import { describe, expect, it } from '@jest/globals';
import { Stopped } from '../stop-on-signals.ts';
import { formatElapsed } from './format.ts';
import { createProgress } from './progress.ts';

function terminal(isTTY: boolean, columns?: number) {
  let text = '';
  let now = 0;
  const progress = createProgress(
    { isTTY, ...(columns === undefined ? {} : { columns }), write: (part) => (text += part) },
    () => now,
  );
  return { progress, text: () => text, wait: (ms: number) => (now += ms) };
}

it.each([
  [0, '0.0 s'],
  [449, '0.4 s'],
  [59_900, '59.9 s'],
  [60_000, '1 min 0 s'],
  [125_300, '2 min 5 s'],
])('%i ms is %s', (ms, text) => expect(formatElapsed(ms)).toBe(text));

// In a log file, or under a tool: a line when a step begins and one when it ends, nothing that moves.
describe('progress without a terminal', () => {
  it('tells each step, and how long it took', async () => {
    const { progress, text, wait } = terminal(false);
    await expect(progress.step('first', () => Promise.resolve(wait(1500)))).resolves.toBe(1500);
    progress.say('a word');
    expect(text()).toBe(`… first\n✓ ${'first'.padEnd(44)}    1.5 s\na word\n`);
  });

  it('tells a failure once, however many steps it ends', async () => {
    const { progress, text } = terminal(false);
    const failure = new Error('The disk is full.', { cause: new Error('ENOSPC') });
    const inner = () => progress.step('inner', () => Promise.reject(failure));
    await expect(progress.step('outer', inner)).rejects.toBe(failure);
    progress.failed(failure);
    expect(text().match(/The disk is full\.\n {2}Cause: ENOSPC/g)).toHaveLength(1);
    expect(text()).toContain('✗ inner');
    expect(text()).toContain('✗ outer');
    progress.failed('something else');
    expect(text()).toContain('something else');
  });

  it('does not call it a failure that everything is being stopped', async () => {
    const { progress, text } = terminal(false);
    await expect(progress.step('wait', () => Promise.reject(new Stopped('SIGINT')))).rejects.toThrow('SIGINT');
    expect(text()).toContain('– wait');
    expect(text()).not.toContain('Stopped');
  });

  it("tells the stack's own steps as if they were ours", () => {
    const { progress, text } = terminal(false);
    progress.stackStep({ name: 'start kafka-1', state: 'started', elapsedMs: 0 });
    progress.stackStep({ name: 'start kafka-1', state: 'done', elapsedMs: 10 });
    progress.stackStep({ name: 'start registry', state: 'failed', elapsedMs: 10 });
    expect(text()).toMatch(/^… start kafka-1\n✓ start kafka-1 +0.0 s\n✗ start registry +0.0 s\n$/);
  });
});

describe('progress on a terminal', () => {
  const ERASE = '\r\u001B[2K';

  it('draws what is going on on one line, again and again, and leaves only what has ended', async () => {
    const { progress, text, wait } = terminal(true, 30);
    await progress.step('first', () =>
      progress.step('second', async () => {
        wait(2000);
        const drawn = text().length;
        // Drawn by a timer: that something changes is what is waited for.
        while (text().length === drawn) await new Promise((resolve) => setImmediate(resolve));
      }),
    );
    expect(text()).toContain(`${ERASE}… first 2.0 s, second 2.0 s`);
    expect(text()).toContain(`${ERASE}✓ second`);
    expect(text().endsWith(ERASE)).toBe(true);
  });

  it('cuts the line at the edge, where it would wrap', async () => {
    const { progress, text } = terminal(true, 10);
    await progress.step('a name that is too long', () => Promise.resolve());
    expect(text().startsWith(`${ERASE}… a name ${ERASE}`)).toBe(true);
    const wide = terminal(true);
    await wide.progress.step('x'.repeat(100), () => Promise.resolve());
    expect(wide.text().startsWith(`${ERASE}… ${'x'.repeat(77)}${ERASE}`)).toBe(true);
  });
});
