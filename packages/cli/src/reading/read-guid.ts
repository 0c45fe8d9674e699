import {
  findAudit,
  findClaims,
  findDead,
  findEffects,
  findHeld,
  listWaiting,
  readAuditBegin,
  type AuditBegin,
  type Database,
} from '@hookline/database';
import type { GuidFacts } from './identities.ts';

/** Of one GUID: who is sent more often than that is sent by somebody who plays. */
const MOST_ENTRIES = 10_000;
const MOST_WAITING = 1000;
const MOST_EFFECTS = 1000;

/** What the tables have of a GUID, and how far back they go. */
export async function readGuid(
  database: Database,
  guid: string,
  { withBody }: { withBody: boolean },
): Promise<GuidFacts & AuditBegin & { cut: boolean }> {
  const audit = await findAudit(database, guid, MOST_ENTRIES);
  return {
    guid,
    audit,
    cut: audit.length === MOST_ENTRIES,
    claims: await findClaims(database, guid),
    waiting: await listWaiting(database, { guid }, { limit: MOST_WAITING, withBody }),
    held: await findHeld(database, { guid }, { withBody }),
    dead: await findDead(database, { guid }, { withBody }),
    effects: await findEffects(database, { guid }, MOST_EFFECTS),
    askedBy: (await findEffects(database, { effectId: guid }, 1))[0] ?? null,
    ...(await readAuditBegin(database)),
  };
}
