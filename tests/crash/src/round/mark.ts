import type { Mark } from '../check/read-facts.ts';
import { nextOffsets } from '../system/next-offsets.ts';
import type { System } from '../system/system.ts';

/** Taken when nothing runs: the check begins where each partition is, and what the harness' own tables hold is forgotten. */
export async function setMark({ database, topic }: System): Promise<Mark> {
  const { rows } = await database.query<{ id: string | null }>(
    'select max(audit_id)::text as id from hookline.audit_log',
  );
  await database.query(
    'truncate crash.effects, crash.counters, crash.takeovers, crash.stale_effects, crash.aged, crash.asked',
  );
  return {
    from: new Map(await nextOffsets({ database, topic })),
    auditId: BigInt(rows[0]?.id ?? 0),
    restoredAt: 0,
  };
}
