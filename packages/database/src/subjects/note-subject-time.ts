import { escapeLiteral } from 'pg';
import type { Queryable } from '../database.ts';

export interface SubjectTime {
  handler: string;
  /** What the delivery is about: 32 bytes, of whatever names it. */
  digest: Buffer;
  /** GitHub's time: ISO 8601, or `infinity`. */
  at: string;
}

/**
 * Notes the latest time that a handler has seen of a subject, and returns whether a later one was noted before. One
 * statement, so that it also holds between transactions: the row is locked until the end. Without values, as
 * `LentTransaction.between` wants it.
 */
export async function noteSubjectTime(on: Pick<Queryable, 'query'>, time: SubjectTime): Promise<boolean> {
  const { rows } = await on.query<{ value: string }>(statement(time));
  return rows[0]?.value === 'true';
}

function statement({ handler, digest, at }: SubjectTime): string {
  const time = `${escapeLiteral(at)}::timestamptz`;
  return `with noted as (
            insert into hookline.subject_times as known (handler, subject, at)
            values (${escapeLiteral(handler)}, decode('${digest.toString('hex')}', 'hex'), ${time})
                on conflict (handler, subject)
                do update set at = greatest(known.at, excluded.at), noted_on = excluded.noted_on
            returning at > ${time} as stale)
          select stale::text as value from noted`;
}
