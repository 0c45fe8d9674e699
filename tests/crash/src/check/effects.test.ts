import { describe, expect, test } from '@jest/globals';
import { checkEffects } from './check-effects.ts';
import type { Arrival, AskedEffect, EffectAudit, SendingFacts } from './sending-facts.ts';

const DEADLINE_MS = 100;

const asked = (id: number, kind: string, changes: Partial<AskedEffect> = {}): AskedEffect => ({
  id: BigInt(id),
  effectId: `effect-${id}`,
  key: 'k',
  queue: '',
  kind,
  guid: `guid-${id}`,
  about: `about ${id}`,
  refused: null,
  ...changes,
});

const arrival = (id: number, kind: string, at: number, changes: Partial<Arrival> = {}): Arrival => ({
  kind,
  about: `about ${id}`,
  effectId: `effect-${id}`,
  at,
  endedAt: at + 5,
  acted: true,
  ...changes,
});

const told = (id: number, ...decisions: string[]): EffectAudit[] =>
  decisions.map((decision) => ({
    effectId: `effect-${id}`,
    stage: ['redriven', 'discarded'].includes(decision) ? 'operator' : 'effect',
    decision,
  }));

const sent = (id: number, attempts = 1) => ({ effectId: `effect-${id}`, outcome: 'sent', attempts });

const dead = (id: number, reason: string | null = 'refused', error: string | null = 'answered 422') => ({
  effectId: `effect-${id}`,
  state: 'dead',
  reason,
  error,
  totalAttempts: 2,
});

const job = (id: number, offset: number, key = 'k') => ({
  effectId: `effect-${id}`,
  key,
  place: `jobs/0/${offset}`,
  read: true,
});
const run = (id: number, key = 'k') => ({ effectId: `effect-${id}`, key, about: `about ${id}` });
const decided = (offset: number, decision: string) => ({ place: `jobs/0/${offset}`, decision });

/**
 * A comment, a post that was lost once on its way, a job that was appended twice, a post that was refused and redriven, one
 * that was discarded, one that is dead, two versions of a sticky comment and of a check run, one of which was done twice,
 * labels that were put twice, a dispatch that was redriven, and one that waits for an operator.
 */
function right(): SendingFacts {
  return {
    deadlineMs: DEADLINE_MS,
    asked: [
      asked(1, 'github.comment'),
      asked(2, 'http.post'),
      asked(3, 'kafka.publish'),
      asked(4, 'http.post', { refused: 'at-first' }),
      asked(5, 'http.post', { refused: 'always' }),
      asked(6, 'http.post', { refused: 'always' }),
      asked(7, 'github.stickyComment'),
      asked(8, 'github.stickyComment'),
      asked(11, 'github.checkRun'),
      asked(12, 'github.checkRun'),
      asked(13, 'github.request', { about: 'about 13 labels' }),
      asked(14, 'github.request', { about: 'about 14 dispatch' }),
      asked(15, 'crash.park'),
    ],
    arrivals: [
      arrival(1, 'github.comment', 1010, { endedAt: null }),
      arrival(2, 'http.post', 1020),
      arrival(2, 'http.post', 1150, { acted: false }),
      arrival(3, 'kafka.publish', 1200, { endedAt: null }),
      arrival(4, 'http.post', 1210, { acted: false }),
      arrival(5, 'http.post', 1220, { acted: false }),
      arrival(6, 'http.post', 1230, { acted: false }),
      arrival(6, 'http.post', 1290, { acted: false }),
      arrival(7, 'github.stickyComment', 1240, { endedAt: null }),
      arrival(8, 'github.stickyComment', 1250, { endedAt: null }),
      arrival(4, 'http.post', 1300),
      arrival(11, 'github.checkRun', 1310, { endedAt: null }),
      arrival(12, 'github.checkRun', 1320, { endedAt: null }),
      arrival(12, 'github.checkRun', 1360, { endedAt: null }),
      arrival(13, 'github.request', 1370, { about: 'about 13 labels', endedAt: null }),
      arrival(13, 'github.request', 1380, { about: 'about 13 labels', endedAt: null }),
      arrival(14, 'github.request', 1390, { about: 'about 14 dispatch', endedAt: null }),
      arrival(15, 'crash.park', 1400),
      arrival(14, 'github.request', 1500, { about: 'about 14 dispatch', endedAt: null }),
    ],
    present: new Map([
      ['about 1', 1],
      ['about 8', 1],
      ['about 12', 1],
    ]),
    twins: [],
    jobRecords: [job(3, 0), job(3, 1)],
    jobRuns: [run(3)],
    jobAudit: [decided(0, 'processed'), decided(1, 'duplicate')],
    outbox: [dead(6), dead(15, 'ambiguous', 'no answer')],
    settled: [
      ...[1, 3, 7, 8, 11].map((id) => sent(id)),
      ...[2, 4, 12, 13, 14].map((id) => sent(id, 2)),
      { ...sent(5), outcome: 'discarded' },
    ],
    audit: [
      ...[1, 3, 7, 8, 11].flatMap((id) => told(id, 'sent')),
      ...[12, 13].flatMap((id) => told(id, 'ambiguous', 'sent')),
      ...told(14, 'dead-lettered', 'redriven', 'sent'),
      ...told(15, 'dead-lettered'),
      ...told(2, 'ambiguous', 'sent'),
      ...told(4, 'dead-lettered', 'redriven', 'sent'),
      ...told(5, 'dead-lettered', 'discarded'),
      ...told(6, 'dead-lettered', 'redriven', 'dead-lettered'),
    ],
    frozen: [],
    forgotten: new Set(),
  };
}

const found = (facts: SendingFacts): string[] =>
  checkEffects(facts).violations.map(({ invariant, what }) => `${invariant}: ${what}`);

/** Another relay has sent it; the one that was frozen with it sends it when it wakes. */
function withTwin(): SendingFacts {
  const facts = right();
  return {
    ...facts,
    frozen: [{ relay: 'relay-1', wokenAt: 2000 }],
    arrivals: [...facts.arrivals, arrival(1, 'github.comment', 2010, { endedAt: null })],
    present: new Map([...facts.present, ['about 1', 2]]),
  };
}

const changed = (facts: SendingFacts, changes: Partial<SendingFacts>): SendingFacts => ({ ...facts, ...changes });

describe('what is right is left alone', () => {
  test('sent, redriven, discarded, dead', () => {
    expect(checkEffects(right())).toEqual({
      violations: [],
      counts: {
        ...{ asked: 13, done: 11, dead: 2, lost: 0, doubled: 0, residual: 0 },
        ...{ twins: 0, repeated: 3, parked: 1, jobs: 1 },
      },
    });
  });

  test('asked for again by a run behind the horizon, and known', () => {
    const facts = right();
    const again = [...facts.asked, asked(9, 'http.post', { effectId: 'effect-2', about: 'about 2' })];
    expect(found(changed(facts, { asked: again, audit: [...facts.audit, ...told(2, 'known')] }))).toEqual([]);
  });

  test('a twin of a relay that was frozen behind its last look: counted apart', () => {
    expect(checkEffects(withTwin())).toMatchObject({ violations: [], counts: { doubled: 0, residual: 1, twins: 1 } });
  });

  test('a run of a name that a frozen relay has made again: counted apart', () => {
    const facts = changed(withTwin(), { twins: ['check-run status of a/b: 2 times'] });
    expect(checkEffects(facts)).toMatchObject({ violations: [], counts: { twins: 2 } });
  });

  test('labels that were put twice, where the audit has lost why', () => {
    const facts = right();
    const audit = facts.audit.filter(({ effectId }) => effectId !== 'effect-13');
    expect(found(changed(facts, { audit, forgotten: new Set(['guid-13']) }))).toEqual([]);
  });

  test('a job that waited in a lane, and came again meanwhile', () => {
    const jobAudit = [decided(0, 'parked'), decided(1, 'reset')];
    expect(found(changed(right(), { jobAudit }))).toEqual([]);
  });

  test('an audit that was dated back, and is gone', () => {
    const facts = right();
    const audit = facts.audit.filter(({ effectId }) => effectId !== 'effect-1');
    expect(found(changed(facts, { audit, forgotten: new Set(['guid-1']) }))).toEqual([]);
  });
});

// A check that cannot fail shows nothing.
describe('each damage is found', () => {
  const damages: [string, string, (facts: SendingFacts) => SendingFacts][] = [
    [
      'an effect that has never arrived',
      'E1: effects that their targets have not done',
      (it) => changed(it, { arrivals: it.arrivals.filter(({ about }) => about !== 'about 3') }),
    ],
    [
      'one that arrived and was not done',
      'E1: effects that their targets have not done',
      (it) =>
        changed(it, { arrivals: it.arrivals.map((one) => ({ ...one, acted: one.acted && one.about !== 'about 2' })) }),
    ],
    [
      'a second comment',
      'E1: effects that their targets have done more than once',
      (it) => changed(it, { arrivals: [...it.arrivals, arrival(1, 'github.comment', 2010)] }),
    ],
    [
      'two twins of one freeze',
      'E1: effects that their targets have done more than once',
      () => {
        const it = withTwin();
        return changed(it, { arrivals: [...it.arrivals, arrival(2, 'http.post', 2020)] });
      },
    ],
    [
      'a sticky comment that says what was asked for before, with a twin elsewhere',
      'E1: comments and runs that are not what was asked for',
      () =>
        changed(withTwin(), {
          present: new Map([
            ['about 1', 2],
            ['about 7', 1],
          ]),
        }),
    ],
    [
      'a second comment at the time when a relay wakes that has sent nothing else, and one before',
      'E1: effects that their targets have done more than once',
      () => {
        const it = withTwin();
        return changed(it, { arrivals: [...it.arrivals, arrival(1, 'github.comment', 1900)] });
      },
    ],
    [
      'a twin long after its relay woke',
      'E1: effects that their targets have done more than once',
      () => changed(withTwin(), { frozen: [{ relay: 'relay-1', wokenAt: 1800 }] }),
    ],
    [
      'a post under an id of its own each time',
      'E1: effects that were sent under another id',
      (it) => changed(it, { arrivals: [...it.arrivals, arrival(2, 'http.post', 1160, { effectId: 'effect-x' })] }),
    ],
    [
      'what nobody has asked for',
      'E1: effects that no committed run has asked for',
      (it) => changed(it, { arrivals: [...it.arrivals, arrival(9, 'http.post', 1400)] }),
    ],
    [
      'what was done, and is dead as refused',
      'E1: effects that are dead as refused',
      (it) => changed(it, { arrivals: [...it.arrivals, arrival(6, 'http.post', 1400)] }),
    ],
    [
      'a comment that is gone',
      'E1: comments and runs that are not what was asked for',
      (it) => changed(it, { present: new Map([['about 8', 1]]) }),
    ],
    [
      'a sticky comment that says what was asked for before',
      'E1: comments and runs that are not what was asked for',
      (it) =>
        changed(it, {
          present: new Map([
            ['about 1', 1],
            ['about 7', 1],
          ]),
        }),
    ],
    [
      'one that overtakes',
      'E2: effects that arrived before',
      (it) =>
        changed(it, {
          arrivals: it.arrivals.map((one) => (one.about === 'about 3' ? { ...one, at: 1005 } : one)),
        }),
    ],
    [
      'one that arrives, and is put off, before one of before is done',
      'E2: effects that arrived before',
      (it) => changed(it, { arrivals: [arrival(3, 'kafka.publish', 1015, { acted: false }), ...it.arrivals] }),
    ],
    [
      'two at once',
      'E3: effects of one queue',
      (it) => changed(it, { arrivals: [...it.arrivals, arrival(4, 'http.post', 1152, { acted: false })] }),
    ],
    [
      'one that is left',
      'E4: effects that are left',
      (it) => changed(it, { outbox: it.outbox.map((one) => ({ ...one, state: 'waiting' })) }),
    ],
    [
      'one that is in the outbox and settled',
      'E4: effects that are not settled or dead exactly once',
      (it) => changed(it, { outbox: [...it.outbox, dead(1)] }),
    ],
    [
      'one that is settled twice',
      'E4: effects that are not settled or dead exactly once',
      (it) => changed(it, { settled: [...it.settled, sent(1)] }),
    ],
    [
      'one that is nowhere',
      'E4: effects that are not settled or dead exactly once',
      (it) => changed(it, { settled: it.settled.filter(({ effectId }) => effectId !== 'effect-1') }),
    ],
    [
      'one that is dead for no reason',
      'E4: effects that are dead without a reason',
      (it) => changed(it, { outbox: [dead(6, null), ...it.outbox.slice(1)] }),
    ],
    [
      'one that is dead without an error',
      'E4: effects that are dead without a reason',
      (it) => changed(it, { outbox: [dead(6, 'refused', null), ...it.outbox.slice(1)] }),
    ],
    [
      'an innocent that is dead',
      'E4: effects that are dead, and nothing has refused them',
      (it) => changed(it, { asked: it.asked.map((one) => ({ ...one, refused: null })) }),
    ],
    [
      'a settled one without its row of the audit',
      'E4: effects without exactly the rows',
      (it) => changed(it, { audit: it.audit.filter(({ effectId }) => effectId !== 'effect-1') }),
    ],
    [
      'one that is told twice',
      'E4: effects without exactly the rows',
      (it) => changed(it, { audit: [...it.audit, ...told(1, 'sent')] }),
    ],
    [
      'a death that is not told',
      'E4: effects without exactly the rows',
      (it) =>
        changed(it, {
          audit: it.audit.filter(({ effectId, decision }) => effectId !== 'effect-6' || decision === 'redriven'),
        }),
    ],
    [
      'one that was asked for again and is not told as known',
      'E4: effects without exactly the rows',
      (it) => changed(it, { asked: [...it.asked, asked(9, 'http.post', { effectId: 'effect-2', about: 'about 2' })] }),
    ],
    [
      'a request whose attempt was not recorded',
      'E4: requests whose attempts',
      (it) => changed(it, { settled: it.settled.map((one) => ({ ...one, attempts: 1 })) }),
    ],
    [
      'one in the tables that no run has asked for',
      'E4: effects in the tables',
      (it) => changed(it, { settled: [...it.settled, sent(9)] }),
    ],
    [
      'labels that were put again although the attempt before had its answer',
      'E1: effects that their targets have done more than once',
      (it) =>
        changed(it, {
          audit: it.audit.filter(({ effectId, decision }) => effectId !== 'effect-13' || decision !== 'ambiguous'),
        }),
    ],
    [
      'a dispatch that was sent again, and by no operator',
      'E1: effects that their targets have done more than once',
      (it) =>
        changed(it, {
          audit: it.audit.filter(({ effectId }) => effectId !== 'effect-14').concat(told(14, 'ambiguous', 'sent')),
        }),
    ],
    [
      'a check run that says what was asked for before',
      'E1: comments and runs that are not what was asked for',
      (it) => changed(it, { present: new Map([...it.present, ['about 11', 1], ['about 12', 0]]) }),
    ],
    [
      'two check runs of a name',
      'E1: comments and runs of one name',
      (it) => changed(it, { twins: ['check-run status of a/b: 2 times'] }),
    ],
    [
      'one that was parked, and not for an attempt without an end',
      'E4: effects that are dead, and nothing has refused them',
      (it) => changed(it, { outbox: [...it.outbox.slice(0, 1), dead(15, 'exhausted', 'no answer')] }),
    ],
    [
      'a kind that is parked and should not be',
      'E4: effects that are dead, and nothing has refused them',
      (it) =>
        changed(it, {
          asked: it.asked.map((one) => (one.kind === 'crash.park' ? { ...one, kind: 'crash.look' } : one)),
        }),
    ],
    ['a job that was not run', 'E5: jobs that were not run', (it) => changed(it, { jobRuns: [] })],
    ['a job that ran twice', 'E5: jobs that ran more than once', (it) => changed(it, { jobRuns: [run(3), run(3)] })],
    [
      'a run of what is no job',
      'E5: runs of what is no job',
      (it) => changed(it, { jobRuns: [...it.jobRuns, run(1)] }),
    ],
    [
      'a run that was told of another',
      'E5: runs of what is no job',
      (it) => changed(it, { jobRuns: [{ ...run(3), about: 'about 1' }] }),
    ],
    [
      'jobs of a key that ran in another order',
      'E5: jobs that ran before one of before',
      (it) => changed(it, { jobRecords: [...it.jobRecords, job(16, 2)], jobRuns: [run(16), run(3)] }),
    ],
    [
      'a record of a job that was not read',
      'E5: records of jobs that were not read',
      (it) => changed(it, { jobRecords: it.jobRecords.map((one) => ({ ...one, read: false })) }),
    ],
    [
      'a second record that was processed',
      'E5: records of jobs that are not decided once',
      (it) => changed(it, { jobAudit: [decided(0, 'processed'), decided(1, 'processed')] }),
    ],
    [
      'a record that was decided twice',
      'E5: records of jobs that are not decided once',
      (it) => changed(it, { jobAudit: [...it.jobAudit, decided(1, 'duplicate')] }),
    ],
  ];
  test.each(damages)('%s', (_, what, damage) => {
    expect(found(damage(right()))).toContainEqual(expect.stringContaining(what));
  });
});
