import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findStuck, type Progress } from './find-stuck.ts';

const STUCK_MS = 120_000;

const partition = fc.record({
  partition: fc.nat(20),
  busy: fc.boolean(),
  excused: fc.boolean(),
  silentMs: fc.nat(3 * STUCK_MS),
});
const progress: fc.Arbitrary<Progress> = fc.record({
  fetchLoop: fc.record({ wanted: fc.boolean(), silentMs: fc.nat(3 * STUCK_MS) }),
  partitions: fc.array(partition, { maxLength: 12 }),
});
const fine = (silentMs: number): Progress => ({
  fetchLoop: { wanted: true, silentMs: 0 },
  partitions: [{ partition: 3, busy: true, excused: false, silentMs }],
});

describe('findStuck', () => {
  // A restart for nothing makes every outage of a dependency worse; none where it would help leaves the lag for ever.
  it('finds a stop exactly where something with work to do has been silent for too long', () => {
    fc.assert(
      fc.property(progress, (all) => {
        const loopStopped = all.fetchLoop.wanted && all.fetchLoop.silentMs > STUCK_MS;
        const stopped = all.partitions.filter((one) => one.busy && !one.excused && one.silentMs > STUCK_MS);
        expect(findStuck(all, STUCK_MS) !== null).toBe(loopStopped || stopped.length > 0);
      }),
    );
  });

  it('never finds less because a silence has become longer', () => {
    fc.assert(
      fc.property(progress, fc.nat(STUCK_MS), (all, more) => {
        const later: Progress = {
          fetchLoop: { ...all.fetchLoop, silentMs: all.fetchLoop.silentMs + more },
          partitions: all.partitions.map((one) => ({ ...one, silentMs: one.silentMs + more })),
        };
        if (findStuck(all, STUCK_MS) !== null) expect(findStuck(later, STUCK_MS)).not.toBeNull();
      }),
    );
  });

  it('says for whoever reads /livez what has stopped, and for how long', () => {
    expect(findStuck(fine(STUCK_MS), STUCK_MS)).toBeNull();
    expect(findStuck(fine(150_400), STUCK_MS)).toBe(
      'Partition 3 has records in hand, and has neither ended nor repeated anything for 150 s.',
    );
    const loop = { ...fine(0), fetchLoop: { wanted: true, silentMs: 121_000 } };
    expect(findStuck(loop, STUCK_MS)).toBe(
      'The log has not been read for 121 s, though this process is a member of the group.',
    );
  });
});
