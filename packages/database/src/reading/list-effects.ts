import type { Queryable } from '../database.ts';
import {
  effectView,
  OPEN_EFFECTS,
  SETTLED_EFFECTS,
  type EffectRow,
  type EffectView,
  type EffectViewState,
} from './effect-view.ts';
import { exactTime, pageOf, type Page, type PageRequest } from './page.ts';

/** What an effect must be like; null: anything. */
export interface EffectFilter {
  /** Null: any that is not settled. */
  state: EffectViewState | null;
  kind: string | null;
  handler: string | null;
  orderingKey: string | null;
  repositoryId: string | null;
  reason: string | null;
}

/** Effects, the last one that was asked for, or was settled, first. */
export async function listEffects(
  database: Queryable,
  { state, kind, handler, orderingKey, repositoryId, reason }: EffectFilter,
  { limit, after }: PageRequest,
): Promise<Page<EffectView>> {
  const from = state === 'sent' || state === 'discarded' ? SETTLED_EFFECTS : OPEN_EFFECTS;
  const { rows } = await database.query<EffectRow & { exact_at: string }>(
    `select *, ${exactTime('at')} as exact_at
       from ${from} as effect
      where ($1::text is null or state = $1) and ($2::text is null or kind = $2) and ($3::text is null or handler = $3)
        and ($4::text is null or ordering_key = $4) and ($5::text is null or repository_id = $5)
        and ($6::text is null or reason = $6)
        and ($7::timestamptz is null or (at, effect_id) < ($7::timestamptz, $8::uuid))
      order by at desc, effect_id desc
      limit $9`,
    [state, kind, handler, orderingKey, repositoryId, reason, after?.[0] ?? null, after?.[1] ?? null, limit + 1],
  );
  return pageOf(rows, limit, { view: effectView, key: (row) => [row.exact_at, row.effect_id] });
}
