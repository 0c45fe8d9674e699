import { describe, expect, it } from '@jest/globals';
import type { DeadTargetPlan } from '@hookline/database';
import { PLAN_ROWS, planLines } from './bulk-plan.ts';

const error = (number: number) => ({
  handler: number === 0 ? null : `handler-${number}`,
  fingerprint: `f${number}`,
  message: `no label\n${'x'.repeat(200)}`,
  letters: 100 - number,
  keys: 2,
});

const plan = (given: Partial<DeadTargetPlan> = {}): DeadTargetPlan => ({
  at: new Date(),
  letters: 1,
  deliveries: 1,
  keys: 1,
  logs: [
    { partition: 3, incarnation: -1 },
    { partition: 3, incarnation: 1 },
  ],
  errors: [error(1)],
  largestKeys: [{ orderingKey: 'k', letters: 1 }],
  ...given,
});

describe('the plan of a bulk', () => {
  it('says how much it is, by error and by key, an error on one line', () => {
    const lines = planLines({ command: 'redrive', state: 'dead' }, plan());
    expect(lines[0]).toBe('Run again: 1 dead letter of 1 delivery, of 1 key in 1 partition.');
    expect(lines).toContainEqual(expect.stringMatching(/^ +99 +2 +handler-1 +f1 +no label x+…$/));
    expect(lines).toContainEqual(expect.stringMatching(/^ +1 +k$/));
    expect(lines.join('\n')).not.toMatch(/other|first/);
  });

  it('says that it was discarded', () => {
    const [summary] = planLines({ command: 'redrive', state: 'discarded' }, plan());
    expect(summary).toBe('Run again what was discarded: 1 dead letter of 1 delivery, of 1 key in 1 partition.');
  });

  it('says what a discard means, and how much it does not show', () => {
    const errors = Array.from({ length: PLAN_ROWS }, (_, i) => error(i));
    const logs = [1, 2].map((partition) => ({ partition, incarnation: 1 }));
    const lines = planLines(
      { command: 'discard', state: 'dead' },
      plan({ letters: 500, deliveries: 400, keys: 12, logs, errors }),
    );
    expect(lines[0]).toBe(
      'Discarded, and never run again but by a redrive of what was discarded: 500 dead letters of 400 deliveries, ' +
        'of 12 keys in 2 partitions.',
    );
    expect(lines).toContain('the first 10 errors');
    expect(lines).toContain('and 11 other keys');
  });
});
