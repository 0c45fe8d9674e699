import type { Queryable } from '../database.ts';
import { heldDelivery, HELD_COLUMNS, type HeldRow, type HeldView } from './held-view.ts';
import { storedColumns } from './stored-delivery.ts';

/**
 * Held deliveries, also those that were decided: with this GUID, or held for being like the delivery that has it; or whose
 * digest begins so, in hex. At most 100.
 */
export async function findHeld(
  database: Queryable,
  by: { guid: string } | { digest: string },
  { withBody }: { withBody: boolean },
): Promise<HeldView[]> {
  const [condition, value] =
    'guid' in by
      ? ['guid = $1 or known_guid = $1', by.guid]
      : [`starts_with(encode(digest, 'hex'), $1)`, by.digest.toLowerCase()];
  const { rows } = await database.query<HeldRow>(
    `select ${storedColumns('held', withBody)}, ${HELD_COLUMNS}
       from hookline.held_deliveries held
      where ${condition}
      order by held_at, digest, dedup_scope, event
      limit 100`,
    [value],
  );
  return rows.map(heldDelivery);
}
