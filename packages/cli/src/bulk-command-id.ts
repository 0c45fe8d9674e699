import { createHash } from 'node:crypto';
import type { DeadLog, EffectTargetFilter } from '@hookline/database';

/** What a bulk decision is: the same one, run again, has the same commands. */
export interface Bulk {
  bulkId: string;
  command: 'redrive' | 'discard';
  /** Of the dead letters that it is about. */
  state: 'dead' | 'discarded';
  consumerGroup: string;
  topic: string;
  /** What was selected; null: whatever it is. */
  selection: {
    ids: readonly bigint[] | null;
    fingerprint: string | null;
    orderingKey: string | null;
    handler: string | null;
  };
}

/**
 * The id of a bulk's command about one delivery: a UUID by hash, so that a tool that was killed and is run again writes
 * the same commands, and each takes effect once. It does not depend on how often the delivery has run: what failed again
 * after its redrive is not redriven by the same bulk a second time. Pure.
 */
export function bulkCommandId(
  { bulkId, command, state, consumerGroup, topic, selection }: Bulk,
  { partition, incarnation, offset }: DeadLog & { offset: bigint },
): string {
  const { ids, fingerprint, orderingKey, handler } = selection;
  const sorted = ids && ids.toSorted((a, b) => (a < b ? -1 : 1)).map(String);
  const what = [bulkId, command, sorted, fingerprint, orderingKey, handler, ...(state === 'dead' ? [] : [state])];
  const where = [consumerGroup, topic, partition, incarnation, String(offset)];
  return hashedId([...what, ...where]);
}

/** What a bulk decision about effects is. */
export interface EffectBulk {
  bulkId: string;
  command: 'redrive-effect' | 'discard-effect';
  consumerGroup: string;
  topic: string;
  selection: EffectTargetFilter;
}

/** The same of a bulk's command about one effect. Pure. */
export function effectCommandId(
  { bulkId, command, consumerGroup, topic, selection }: EffectBulk,
  effectId: string,
): string {
  const { ids, kind, handler, orderingKey, reason } = selection;
  const what = [bulkId, command, ids && ids.toSorted(), kind, handler, orderingKey, reason];
  return hashedId([...what, consumerGroup, topic, effectId]);
}

function hashedId(parts: readonly unknown[]): string {
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest();
  // Version 8 of RFC 9562: made by a rule of our own.
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x80, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return hash
    .toString('hex')
    .slice(0, 32)
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
