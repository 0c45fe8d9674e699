import { describe, expect, it } from '@jest/globals';
import { decideFirstOffset, decideStart } from './decide-start.ts';

const last = { digest: Buffer.alloc(32), time: 0 };
const log = (start: bigint, end: bigint, committed: bigint | null = null) => ({ start, end, committed });

describe('decideStart', () => {
  it('begins one record early where the last one that was processed is still in the log', () => {
    expect(decideStart(log(0n, 20n, 8n), 10n, null, last)).toEqual({ halt: false, from: 9n, witness: last });
    expect(decideStart(log(9n, 10n), 10n, null, last)).toEqual({ halt: false, from: 9n, witness: last });
  });

  it('has nothing to compare where all that was processed has expired, and goes on', () => {
    expect(decideStart(log(10n, 10n), 10n, null, last)).toEqual({ halt: false, from: 10n, witness: null });
    expect(decideStart(log(10n, 30n), 10n, null, last)).toEqual({ halt: false, from: 10n, witness: null });
  });

  it('has nothing to compare where nothing was processed yet', () => {
    expect(decideStart(log(0n, 5n), 0n, null, null)).toEqual({ halt: false, from: 0n, witness: null });
  });

  it.each([
    ['LOG_TOO_SHORT', 'the log ends below what was processed', log(0n, 9n)],
    ['LOG_EXPIRED', 'the log begins above what was processed', log(11n, 20n)],
    ['DATABASE_BEHIND', 'the group has committed more than the database has', log(0n, 20n, 11n)],
  ])('halts by %s when %s', (reason, _, bounds) => {
    const decided = decideStart(bounds, 10n, null, last);
    expect(decided).toMatchObject({ halt: true, reason });
    expect(decided).toHaveProperty('detail', expect.stringContaining('10'));
  });

  it('takes a copy of the very offset for no lead', () => {
    expect(decideStart(log(0n, 20n, 10n), 10n, null, last).halt).toBe(false);
  });

  // A human has sent the partition back; the group's copy is lowered only when records have been processed again.
  it('takes no lead for one that a human has accepted, and any higher one', () => {
    expect(decideStart(log(0n, 20n, 15n), 10n, 15n, last).halt).toBe(false);
    expect(decideStart(log(0n, 20n, 16n), 10n, 15n, last)).toMatchObject({ halt: true, reason: 'DATABASE_BEHIND' });
    expect(decideStart(log(0n, 20n, 11n), 10n, 9n, last)).toMatchObject({ halt: true, reason: 'DATABASE_BEHIND' });
  });
});

describe('decideFirstOffset', () => {
  it('is where the log begins', () => {
    expect(decideFirstOffset(log(7n, 20n))).toEqual({ halt: false, from: 7n });
  });

  it('is nobody’s to guess where the group has been here before', () => {
    expect(decideFirstOffset(log(0n, 20n, 5n))).toMatchObject({ halt: true, reason: 'DATABASE_WITHOUT_OFFSET' });
    expect(decideFirstOffset(log(0n, 20n, 0n))).toMatchObject({ halt: true });
  });
});
