import type { Queryable } from '../../database.ts';

/** The lowest and the highest offset of the audit's entries of which `condition` is true; null: there are none. */
export async function readBounds(
  database: Queryable,
  condition: string,
  values: readonly unknown[],
): Promise<{ lowest: bigint; highest: bigint } | null> {
  const end = async (direction: 'asc' | 'desc') => {
    const { rows } = await database.query<{ kafka_offset: string }>(
      `select kafka_offset from hookline.audit_log where ${condition} order by kafka_offset ${direction} limit 1`,
      values,
    );
    return rows[0] && BigInt(rows[0].kafka_offset);
  };
  const [lowest, highest] = [await end('asc'), await end('desc')];
  return lowest === undefined || highest === undefined ? null : { lowest, highest };
}
