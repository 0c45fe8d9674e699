import type { Queryable } from '../database.ts';
import { effectView, OPEN_EFFECTS, SETTLED_EFFECTS, type EffectRow, type EffectView } from './effect-view.ts';

/** Effects of the deliveries with a GUID, or the one of an id, in the order in which they were asked for; `limit` of them. */
export async function findEffects(
  database: Queryable,
  by: { guid: string } | { effectId: string },
  limit: number,
): Promise<EffectView[]> {
  const where = 'guid' in by ? 'guid = $1' : 'effect_id = $1';
  const { rows } = await database.query<EffectRow>(
    `select *
       from (select * from ${OPEN_EFFECTS} as open where ${where}
              union all
             select * from ${SETTLED_EFFECTS} as settled where ${where}) as effect
      order by created_at, handler, effect_key
      limit $2`,
    ['guid' in by ? by.guid : by.effectId, limit],
  );
  return rows.map(effectView);
}

/** The request of an effect that is not settled, and whether the delivery's body goes with it; null: there is none. */
export async function readEffectRequest(
  database: Queryable,
  effectId: string,
): Promise<{ request: unknown; bodyBytes: number | null } | null> {
  const { rows } = await database.query<{ request: unknown; body_bytes: number | null }>(
    'select request, body_bytes from hookline.outbox where effect_id = $1',
    [effectId],
  );
  const [row] = rows;
  return row ? { request: row.request, bodyBytes: row.body_bytes } : null;
}
