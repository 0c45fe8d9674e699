import { payloadEncoding, payloadFacts, readPayload } from '@hookline/github';
import {
  findEffectTargets,
  findKeys,
  findTargetsOfKey,
  readBody,
  scanTargets,
  type Database,
  type ErasureTarget,
} from '@hookline/database';
import type { StoredForScan } from '@hookline/database';

/** Whose data is to go, as it was typed. */
export type Subject = { kind: 'repository'; key: string } | { kind: 'repository' | 'sender'; id: string };

/** What was found of a subject. */
export interface Found {
  /** Ordering keys that are the subject's own. */
  keys: string[];
  targets: ErasureTarget[];
}

/** Finds everything of a subject that has a body or a request. For a sender it reads every body that is stored. */
export async function findSubject(
  database: Database,
  subject: Subject,
  progress: (text: string) => void,
): Promise<Found> {
  const keys = 'key' in subject ? [subject.key] : await findKeys(database, subject.kind, subject.id);
  if (subject.kind === 'repository') {
    const targets: ErasureTarget[] = [];
    for (const key of keys) targets.push(...(await findTargetsOfKey(database, key)));
    return { keys, targets };
  }
  const targets = await scanTargets(database, isSentBy(subject.id), (scanned) => progress(`Read ${scanned} bodies …`));
  // Of those whose delivery is found; of others nothing tells whose they are.
  const guids = [...new Set(targets.flatMap(({ guid }) => guid ?? []))];
  const known = new Set(targets.flatMap((target) => (target.where === 'effect' ? [target.effectId] : [])));
  const effects = await findEffectTargets(database, guids);
  return {
    keys,
    targets: [...targets, ...effects.filter((one) => one.where !== 'effect' || !known.has(one.effectId))],
  };
}

/** Whether a body is a payload whose `sender` has this id. What cannot be read as a payload is nobody's. */
export function isSentBy(id: string): (stored: StoredForScan) => boolean {
  return ({ body, headers }) => {
    const payload = readPayload(readBody(body), payloadEncoding(headers['content-type']) ?? 'json');
    return payload.success && payloadFacts(payload.payload, payload.text).senderId === id;
  };
}
