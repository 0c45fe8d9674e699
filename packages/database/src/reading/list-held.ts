import type { Queryable } from '../database.ts';
import { heldDelivery, HELD_COLUMNS, type HeldRow, type HeldView } from './held-view.ts';
import { exactTime, pageOf, type Page, type PageRequest } from './page.ts';
import { storedColumns } from './stored-delivery.ts';

/** What a held delivery must be like; null: anything. */
export interface HeldFilter {
  orderingKey: string | null;
  event: string | null;
  source: string | null;
  reason: string | null;
  state: HeldView['state'] | null;
}

/** Held deliveries, without their bodies, the last held first. */
export async function listHeld(
  database: Queryable,
  filter: HeldFilter,
  { limit, after }: PageRequest,
): Promise<Page<HeldView>> {
  const order = 'held_at desc, digest desc, dedup_scope desc, event desc';
  const { rows } = await database.query<HeldRow & { at: string }>(
    `select ${storedColumns('held')}, ${HELD_COLUMNS}, ${exactTime('held_at')} as at
       from hookline.held_deliveries held
      where ($1::timestamptz is null
             or (held_at, digest, dedup_scope, event) < ($1::timestamptz, decode($2, 'hex'), $3::text, $4::text))
        and ($6::text is null or ordering_key = $6) and ($7::text is null or event = $7)
        and ($8::text is null or source = $8) and ($9::text is null or reason = $9)
        and ($10::text is null or state = $10)
      order by ${order}
      limit $5`,
    [
      ...(after ?? [null, null, null, null]),
      limit + 1,
      filter.orderingKey,
      filter.event,
      filter.source,
      filter.reason,
      filter.state,
    ],
  );
  return pageOf(rows, limit, {
    view: heldDelivery,
    key: (row) => [row.at, (row.digest as Buffer).toString('hex'), row.dedup_scope as string, row.event as string],
  });
}
