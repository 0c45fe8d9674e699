import { RetryLater, type SliceContext, type HandlerDatabase } from '@hookline/handlers';
import type { Misdeed } from './behaviour.ts';

/** Does what a bad handler does. Returns where that lets the handler go on with its work. */
export async function misbehave(misdeed: Misdeed, { db }: SliceContext): Promise<void> {
  await DEEDS[misdeed](db);
}

const DEEDS: Record<Misdeed, (db: HandlerDatabase) => unknown> = {
  fail() {
    throw new Error('This delivery fails, as it was told to.');
  },
  violate: (db) => db.query('insert into crash.counters (handler, ordering_key, effects) values (null, null, 0)'),
  hang: () => new Promise(() => {}),
  conflict: (db) => db.query(`do $$ begin raise exception 'try again' using errcode = '40001'; end $$`),
  later() {
    throw new RetryLater('This delivery asks to be run later.', { afterMs: 200 });
  },
  exit: () => process.exit(13),
  spin() {
    for (;;);
  },
  exhaust() {
    const held: unknown[] = [];
    for (;;) held.push(Array.from({ length: 1_000_000 }, (_, i) => ({ i })));
  },
  // All do their work first: with a statement behind it an error would not stay hidden.
  swallow: () => {},
  float: () => {},
  late: () => {},
};

/**
 * What is done last, by a handler that returns then.
 *
 * @param note writes the effect that the handler has written already
 */
export async function misbehaveLast(misdeed: Misdeed, { db }: SliceContext, note: () => Promise<void>): Promise<void> {
  if (misdeed === 'swallow') await db.query('select 1 / 0').catch(() => {});
  if (misdeed === 'float') void db.query('select pg_sleep(0.05)').catch(() => {});
  // Must be refused: it would write a second effect.
  if (misdeed === 'late') setImmediate(() => void note().catch(() => {}));
}
