import { describe, expect, it } from '@jest/globals';
import { RetryLater } from '@hookline/handlers';
import { classifyFailure } from './classify-failure.ts';

const sql = (code: string) => Object.assign(new Error(`SQLSTATE ${code}`), { code });

describe('classifyFailure', () => {
  // A delivery must not use up its attempts because others held a lock.
  it.each(['40001', '40P01', '55P03'])('runs again at once after %s, and counts nothing', (code) => {
    const said = sql(code);
    expect(classifyFailure({ error: said, said })).toEqual({
      kind: 'conflict',
      counted: false,
      again: 5,
      afterMs: null,
    });
  });

  it.each(['08006', '53100', '57P01', '58030'])('counts nothing for %s', (code) => {
    const said = sql(code);
    expect(classifyFailure({ error: said, said })).toMatchObject({ kind: 'condition', counted: false, again: 1 });
  });

  // It must not throw, or the partition would begin the same record anew for ever.
  it('counts what cannot even be looked at', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const error of [proxy, null, undefined, Object.create(null)]) {
      expect(classifyFailure({ error, said: undefined })).toMatchObject({ kind: 'fault', counted: true });
      expect(classifyFailure({ error: new Error('no'), said: error })).toMatchObject({ kind: 'fault', counted: true });
    }
  });

  it('goes by what the transaction has said, whatever the handler has made of it', () => {
    const failure = { error: new Error('could not save'), said: sql('40001') };
    expect(classifyFailure(failure)).toMatchObject({ kind: 'conflict' });
  });

  // A handler's own client of another database fails with the same codes: they say nothing about ours.
  it('counts what only looks like a condition of our database', () => {
    expect(classifyFailure({ error: sql('40001'), said: undefined })).toMatchObject({ kind: 'fault', counted: true });
  });

  it.each(['23505', '22P02', '42P01', '57014'])('counts %s: the same again would fail again', (code) => {
    const said = sql(code);
    expect(classifyFailure({ error: said, said })).toMatchObject({ kind: 'fault', counted: true, again: 0 });
  });

  it('counts nothing when the handler asks for later, and says when', () => {
    const later = new RetryLater('their limit is reached', { afterMs: 5000 });
    expect(classifyFailure({ error: later, said: undefined })).toEqual({
      kind: 'later',
      counted: false,
      again: 0,
      afterMs: 5000,
    });
    expect(classifyFailure({ error: new RetryLater('away'), said: undefined })).toMatchObject({ afterMs: null });
  });
});
