import { createRequire } from 'node:module';
import type { Knex, knex as makeKnex } from 'knex';
import type { Queryable } from '../database.ts';

export type { Knex } from 'knex';

/** A query of knex's, which it reads the answer of from here. */
interface KnexQuery {
  sql: string;
  bindings?: readonly unknown[];
  response?: Awaited<ReturnType<Queryable['query']>>;
}

// Loaded when it is first asked for: it takes longer than all the rest, and most handlers write SQL.
const load = createRequire(import.meta.url);

/** A pool of nothing: without one knex would begin to connect by itself. */
const NO_POOL = {
  connect: () => Promise.resolve({ release() {} }),
  end: () => Promise.resolve(),
  totalCount: 1,
  idleCount: 1,
  waitingCount: 0,
};

/**
 * Knex, with every query sent through `on`: so inside of the transaction that this is, and no longer than it. It has no
 * connections of its own, and so neither transactions nor streams; there is nothing to destroy.
 */
export function knexOn(on: Pick<Queryable, 'query'>): Knex {
  const { knex } = load('knex') as { knex: typeof makeKnex };
  // The version would be asked for, by a query that nobody has written.
  const bound = knex({ client: 'pg', version: '18', connectionPool: NO_POOL });
  Object.assign(bound.client as object, {
    async _query(_connection: unknown, query: KnexQuery) {
      return Object.assign(query, { response: await on.query(query.sql, query.bindings ?? []) });
    },
    _stream() {
      throw new Error('Knex is bound to one transaction, and has no streams: read in parts.');
    },
    transaction() {
      throw new Error(
        'Knex is bound to one transaction, and has no other: leave transaction() out, and batchInsert(), which makes one.',
      );
    },
    destroy: () => Promise.resolve(),
  });
  return bound;
}
