import type { System } from '../system/open-system.ts';

/** How many identities are known, whoever has made them so. */
export async function countClaims({ database }: Pick<System, 'database'>): Promise<number> {
  const { rows } = await database.query<{ n: number }>(
    'select count(*)::integer as n from hookline.processed_deliveries',
  );
  return rows[0]?.n ?? 0;
}
