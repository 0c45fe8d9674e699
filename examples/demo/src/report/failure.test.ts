import { describe, expect, it } from '@jest/globals';
import type { FailureObservation } from '../failure/run-failure.ts';
import { perfectFailure } from '../testing/perfect-failure.ts';
import { failureRows } from './failure.ts';

const target = { path: '/webhooks/demo', namespace: 'github.com', dedupScope: 'demo', secret: 'secret' };

/** The rows that are wrong in a perfect failure with one fault. */
function wrong(fault: (seen: FailureObservation) => Partial<FailureObservation>): string[] {
  const seen = perfectFailure(target);
  return failureRows({ ...seen, ...fault(seen) })
    .filter(({ ok }) => !ok)
    .map(({ name, expected, actual }) => `${name}: ${expected} / ${actual}`);
}

// A check that cannot fail checks nothing.
describe('the rows of a repository that fails show', () => {
  it('nothing wrong where all goes well', () => {
    expect(wrong(() => ({}))).toEqual([]);
    expect(failureRows(perfectFailure(target)).map(({ actual }) => actual)).toEqual([
      120, 84, 12, 5, 12, 5, 12, 500, 0, 8,
    ]);
  });

  it('others that waited with it', () => {
    const without = (key: string) => (it: { key: string }) => it.key !== key;
    expect(
      wrong(({ plan, notedMeanwhile }) => ({ notedMeanwhile: notedMeanwhile.filter(without(plan.neighbourKey)) })),
    ).toEqual(['of the others, processed meanwhile: 84 / 72', "of them in the failing one's partition: 12 / 0"]);
    expect(wrong(() => ({ notedMeanwhile: [] }))).toContain(
      'their median from accept to effect, in ms: at most 30000 / nothing measured',
    );
    expect(
      wrong(({ notedMeanwhile }) => ({ notedMeanwhile: notedMeanwhile.map((it) => ({ ...it, afterMs: 31_000 })) })),
    ).toEqual(['their median from accept to effect, in ms: at most 30000 / 31000']);
  });

  it('a failing one that did not wait, was not tried, or did not come back', () => {
    expect(wrong(() => ({ waiting: { records: 0, attempts: 0 } }))).toEqual([
      'of the failing one, waiting in its lane: 12 / 0',
      'tries of it that failed: at least 5 / 0',
    ]);
    expect(wrong(() => ({ fromLane: 11, left: { records: 1, attempts: 4 }, recoveryMs: 60_000 }))).toEqual([
      'processed out of the lane once mended: 12 / 11',
      'from mended to an empty lane, in ms: at most 30000 / 60000',
      'left in the lane: 0 / 1',
    ]);
  });

  it('deliveries that overtook others, came twice, or never', () => {
    const order = 'repositories in order, each delivery once: 8 / 7';
    const ofFailing = ({ plan, noted }: FailureObservation) => noted.filter(({ key }) => key === plan.failingKey);
    const others = ({ plan, noted }: FailureObservation) => noted.filter(({ key }) => key !== plan.failingKey);
    expect(wrong((seen) => ({ noted: [...others(seen), ...ofFailing(seen).toReversed()] }))).toEqual([order]);
    expect(wrong((seen) => ({ noted: [...seen.noted, ...ofFailing(seen).slice(-1)] }))).toEqual([order]);
    expect(wrong((seen) => ({ noted: [...others(seen), ...ofFailing(seen).slice(1)] }))).toEqual([order]);
  });

  it('a webhook that was not accepted', () => {
    expect(
      wrong(({ exchanges }) => ({
        exchanges: exchanges.map((it, i) => (i === 0 ? { ...it, answer: { status: 503, code: 'BUSY' } } : it)),
      })),
    ).toEqual(['deliveries accepted: 120 / 119', 'repositories in order, each delivery once: 8 / 7']);
  });
});
