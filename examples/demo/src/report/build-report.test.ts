import { describe, expect, it } from '@jest/globals';
import { perfectRun } from '../testing/perfect-run.ts';
import { buildReport, type Observation } from './build-report.ts';
import { renderJson, renderText } from './render.ts';

const wrongRows = (seen: Observation) =>
  buildReport(seen)
    .rows.filter(({ ok }) => !ok)
    .map(({ name, expected, actual }) => `${name}: ${expected} / ${actual}`);

/** The perfect run with one fault. */
function spoiled(fault: (seen: Observation) => Partial<Observation>): Observation {
  const seen = perfectRun();
  return { ...seen, ...fault(seen) };
}
const swapped = <T>(list: readonly T[], i: number, j: number) =>
  list.map((it, k) => (k === i ? list[j]! : k === j ? list[i]! : it));
/** Indices of the first two records of one repository. */
const twoOf = (log: readonly { key: string; guid: string }[]) => {
  const i = log.findIndex(({ key }) => key.includes('/repository/'));
  return [i, log.findIndex(({ key, guid }, k) => k > i && key === log[i]!.key && guid !== log[i]!.guid)] as const;
};

describe('the table', () => {
  it('of a run in which all goes well has nothing to complain about', () => {
    const report = buildReport(perfectRun());
    expect(report.problems).toEqual([]);
    expect(report.ok).toBe(true);
    const row = (name: string) => report.rows.find((it) => it.name === name);
    expect(row('real payloads, signed')).toMatchObject({ expected: 14, actual: 14 });
    expect(row('processed')).toMatchObject({ expected: 14, actual: 14 });
    expect(row('duplicates that changed nothing')).toMatchObject({ expected: 5, actual: 5 });
    expect(row('repositories in order')).toMatchObject({ expected: 2, actual: 2 });
    expect(row('other keys in order (organizations, …)')).toMatchObject({ expected: 1, actual: 1 });
    expect(row('p50, in milliseconds')).toMatchObject({ actual: 5 });
  });

  it('takes a redelivery that was refused as a duplicate for what it is: in no log, and no rejection', () => {
    const seen = perfectRun();
    const guid = seen.planned.find(({ kind }) => kind === 'redelivery')?.guid;
    const isCopy = (row: { guid: string }, i: number, rows: readonly { guid: string }[]) =>
      row.guid === guid && rows.findIndex((other) => other.guid === guid) < i;
    const exchanges = seen.exchanges.map((exchange) =>
      exchange.request.kind === 'redelivery' && exchange.request.guid === guid
        ? { ...exchange, answer: { status: 409, code: 'DUPLICATE' } }
        : exchange,
    );
    const log = seen.log.filter((...row) => !isCopy(...row));
    const report = buildReport({ ...seen, exchanges, log, audit: seen.audit.filter((...row) => !isCopy(...row)) });
    expect(report.problems).toEqual([]);
    const row = (name: string) => report.rows.find((it) => it.name === name);
    expect(row('409 DUPLICATE')).toMatchObject({ expected: 1, actual: 1 });
    expect(row('rejected in all')).toMatchObject({ expected: 24, actual: 24 });
    expect(row('duplicates that changed nothing')).toMatchObject({ expected: 4, actual: 4 });
  });

  it('takes an append that was repeated for what it is: one duplicate more', () => {
    const seen = perfectRun();
    const last = seen.log.at(-1)!;
    const again = { ...last, offset: last.offset + 1n };
    const report = buildReport({
      ...seen,
      log: [...seen.log, again],
      audit: [...seen.audit, { ...again, decision: 'duplicate' }],
    });
    expect(report.problems).toEqual([]);
    expect(report.rows.find(({ name }) => name.startsWith('duplicates'))).toMatchObject({ expected: 6, actual: 6 });
  });
});

// A check that cannot fail checks nothing: each fault that the table is there to find, and the rows that must show it.
describe('the table shows', () => {
  it('a forgery that was accepted', () => {
    const seen = spoiled(({ exchanges }) => ({
      exchanges: exchanges.map((exchange) =>
        exchange.request.name === 'wrong secret'
          ? { ...exchange, answer: { status: 202, code: 'accepted' } }
          : exchange,
      ),
    }));
    expect(wrongRows(seen)).toEqual([
      '202 accepted: 19 / 20',
      '401 SIGNATURE_MISMATCH: 3 / 2',
      'rejected in all: 24 / 23',
      'requests with the very answer due: 43 / 42',
    ]);
    expect(buildReport(seen).problems[0]).toMatch(
      /^forged "wrong secret" \(0.*\) must be answered 401 SIGNATURE_MISMATCH, and was answered 202 accepted$/,
    );
  });

  it('a delivery that was refused as a duplicate, and is none', () => {
    const seen = spoiled(({ exchanges }) => ({
      exchanges: exchanges.map((exchange, i) =>
        i === 0 ? { ...exchange, answer: { status: 409, code: 'DUPLICATE' } } : exchange,
      ),
    }));
    expect(wrongRows(seen)).toContain('requests with the very answer due: 43 / 42');
  });

  it('two answers that were mixed up, though each kind is there as often as it must be', () => {
    const seen = spoiled(({ exchanges }) => {
      const answers = exchanges.map(({ answer }) => answer);
      const [i, j] = ['NOT_JSON', 'NOT_UTF8'].map((code) => answers.findIndex((answer) => answer.code === code));
      const mixed = swapped(answers, i!, j!);
      return { exchanges: exchanges.map((exchange, k) => ({ ...exchange, answer: mixed[k]! })) };
    });
    expect(wrongRows(seen)).toEqual(['requests with the very answer due: 43 / 41']);
  });

  it('a request without an answer, and then what did not come of it', () => {
    const seen = spoiled(({ exchanges }) => ({
      exchanges: exchanges.map((exchange) =>
        exchange.request.name === 'unknown path'
          ? { ...exchange, answer: { status: 0, code: 'ECONNRESET' } }
          : exchange,
      ),
    }));
    expect(wrongRows(seen)).toEqual([
      'malformed: 15 / 14',
      '404 NOT_FOUND: 1 / 0',
      'no answer: ECONNRESET: 0 / 1',
      'rejected in all: 24 / 23',
      'requests with the very answer due: 43 / 42',
    ]);
  });

  it('a delivery that was accepted and lost', () => {
    const seen = spoiled(({ log, audit }) => ({ log: log.slice(0, -1), audit: audit.slice(0, -1) }));
    expect(wrongRows(seen)[0]).toBe('accepted deliveries that are in the log: 19 / 18');
  });

  it('a refused request that is in the log', () => {
    const seen = spoiled(({ log }) => ({ log: [...log, { ...log.at(-1)!, digest: 'another', offset: 1000n }] }));
    expect(wrongRows(seen)).toContain('refused requests that are in the log: 0 / 1');
    expect(wrongRows(seen)).toContain('records of the log with an audit row: 20 / 19');
  });

  it('a delivery that was processed twice, and one that was not', () => {
    const twice = spoiled(({ audit }) => ({ audit: audit.map((row) => ({ ...row, decision: 'processed' as const })) }));
    expect(wrongRows(twice)).toEqual(
      expect.arrayContaining([
        'processed: 14 / 19',
        'processed, each once: 14 / 9',
        'duplicates that changed nothing: 5 / 0',
      ]),
    );
    const ignored = spoiled(({ audit }) => ({
      audit: audit.map((row, i) => (i === 0 ? { ...row, decision: 'ignored' as const } : row)),
    }));
    expect(wrongRows(ignored)).toEqual(expect.arrayContaining(['processed: 14 / 13', 'ignored: 0 / 1']));
  });

  it('a log in another order than arrival', () => {
    const seen = spoiled(({ log, audit }) => {
      const [i, j] = twoOf(log);
      const reordered = log.map((entry, k) => ({ ...entry, guid: swapped(log, i, j)[k]!.guid }));
      return { log: reordered, audit: audit.map((row, k) => ({ ...row, guid: reordered[k]!.guid })) };
    });
    expect(wrongRows(seen)).toContain('repositories in order: 2 / 1');
    expect(buildReport(seen).problems).toContainEqual(
      expect.stringContaining('the log has another order than arrival'),
    );
  });

  it('effects in another order than the log', () => {
    const seen = spoiled(({ audit }) => ({ audit: swapped(audit, ...twoOf(audit)) }));
    expect(wrongRows(seen)).toEqual(['repositories in order: 2 / 1']);
    expect(buildReport(seen).problems[0]).toMatch(
      /repository\/1: effects have another order than the log: at position 0/,
    );
  });

  it('an effect that is missing, or that names another delivery as the last', () => {
    const missing = spoiled(({ activityBefore }) => ({ activityAfter: activityBefore }));
    expect(wrongRows(missing)).toEqual([
      'repositories in order: 2 / 0',
      'other keys in order (organizations, …): 1 / 0',
    ]);
    const other = spoiled(({ activityAfter }) => ({
      activityAfter: new Map([...activityAfter].map(([key, it]) => [key, { ...it, lastOffset: 0n }])),
    }));
    expect(wrongRows(other)).toEqual(['repositories in order: 2 / 0', 'other keys in order (organizations, …): 1 / 0']);
  });

  it('that nothing was measured, or too long a time', () => {
    const nothing = spoiled(() => ({ acceptToCommit: { count: 0, buckets: [] } }));
    expect(wrongRows(nothing)).toEqual([
      'p50, in milliseconds: at most 30000 / nothing measured',
      'p99, in milliseconds: at most 30000 / nothing measured',
      'deliveries measured: 14 / 0',
    ]);
    const buckets = [
      { upTo: 60, count: 0 },
      { upTo: 300, count: 14 },
    ];
    expect(wrongRows(spoiled(() => ({ acceptToCommit: { count: 14, buckets } })))).toHaveLength(2);
  });

  it('that a repository which failed has not come back', () => {
    const seen = spoiled(({ failure }) => ({ failure: { ...failure, left: { records: 1, attempts: 4 } } }));
    expect(wrongRows(seen)).toEqual(['left in the lane: 0 / 1']);
  });

  it('that a service died', () => {
    expect(wrongRows(spoiled(() => ({ restarts: 2 })))).toEqual(['restarts: 0 / 2']);
  });
});

describe('rendered', () => {
  it('as text it marks what is wrong, and says why, within bounds', () => {
    expect(renderText(buildReport(perfectRun()))).toMatch(
      /^Sent +found {3}must be\n {2}✓ real payloads, signed +14 {3}14\n[^✗]+\n\nEvery number is as it must be\.$/,
    );
    const text = renderText(buildReport(spoiled(() => ({ restarts: 2 }))));
    expect(text).toMatch(/ {2}✗ restarts +2 {3}0\n/);
    expect(text).toContain('Not every number is as it must be:\n  ✗ restarts: expected 0, found 2');
    const problems = Array.from({ length: 25 }, (_, i) => `problem ${i}`);
    const long = renderText({
      ok: false,
      rows: buildReport(perfectRun()).rows,
      problems,
      story: { guid: '', trace: '' },
    });
    expect(long).toContain('problem 19\n  … and 5 more');
  });

  it('as JSON it is one line', () => {
    const json = renderJson(buildReport(perfectRun()), { provider: 'processes' });
    expect(json).not.toContain('\n');
    expect(JSON.parse(json)).toMatchObject({ ok: true, provider: 'processes', problems: [] });
  });
});
