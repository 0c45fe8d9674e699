import { describe, expect, it } from '@jest/globals';
import { createHealth } from './health.ts';

describe('health', () => {
  it('is well without probes', () => {
    expect(createHealth().report()).toEqual({ live: { ok: true, probes: [] }, ready: { ok: true, probes: [] } });
  });

  it('takes a probe that throws for a failing one, so that a bug in a probe is seen and not a crash', () => {
    const health = createHealth();
    health.liveness('error', () => {
      throw new Error('undefined is not a loop');
    });
    health.liveness('text', () => {
      // oxlint-disable-next-line typescript/only-throw-error -- what is thrown need not be an error.
      throw 'a text';
    });
    expect(health.report().live).toEqual({
      ok: false,
      probes: [
        { name: 'error', ok: false, reason: 'undefined is not a loop' },
        { name: 'text', ok: false, reason: 'a text' },
      ],
    });
  });

  it('refuses a second probe of one name: one of the two would never be asked', () => {
    const health = createHealth();
    health.readiness('kafka', () => true);
    health.liveness('kafka', () => true);
    expect(() => health.readiness('kafka', () => true)).toThrow('There is a probe "kafka" already');
  });
});
