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

/**
 * A comment, a post that was lost once on its way, a job, a post that was refused and redriven, one that was discarded, one
 * that is dead, and two versions of a sticky comment.
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
    ],
    present: new Map([
      ['about 1', 1],
      ['about 8', 1],
    ]),
    outbox: [dead(6)],
    settled: [...[1, 3, 7, 8].map((id) => sent(id)), sent(2, 2), sent(4, 2), { ...sent(5), outcome: 'discarded' }],
    audit: [
      ...[1, 3, 7, 8].flatMap((id) => told(id, 'sent')),
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
      counts: { asked: 8, done: 6, dead: 1, lost: 0, doubled: 0, residual: 0 },
    });
  });

  test('asked for again by a run behind the horizon, and known', () => {
    const facts = right();
    const again = [...facts.asked, asked(9, 'http.post', { effectId: 'effect-2', about: 'about 2' })];
    expect(found(changed(facts, { asked: again, audit: [...facts.audit, ...told(2, 'known')] }))).toEqual([]);
  });

  test('a twin of a relay that was frozen behind its last look: counted apart', () => {
    expect(checkEffects(withTwin())).toMatchObject({ violations: [], counts: { doubled: 0, residual: 1 } });
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
      'E1: comments that are not what was asked for',
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
      'E1: comments that are not what was asked for',
      (it) => changed(it, { present: new Map([['about 8', 1]]) }),
    ],
    [
      'a sticky comment that says what was asked for before',
      'E1: comments that are not what was asked for',
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
      (it) => changed(it, { outbox: [dead(6, null)] }),
    ],
    [
      'one that is dead without an error',
      'E4: effects that are dead without a reason',
      (it) => changed(it, { outbox: [dead(6, 'refused', null)] }),
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
  ];
  test.each(damages)('%s', (_, what, damage) => {
    expect(found(damage(right()))).toContainEqual(expect.stringContaining(what));
  });
});
