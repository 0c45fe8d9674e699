import type { Queryable } from '@hookline/database';
import { effectId, guid, put, sha256, type Row } from './put-rows.ts';

export const COMMAND = '5d1b2c00-0000-4000-8000-c00000000001';
const NEXT_OFFSET = 20;
const LANE = 'github.com/repository/7';
const ACTIVITY = 'github.com/repository/1';

/** Of no delivery. */
const NOTHING = {
  ordering_key: null,
  source: null,
  dedup_scope: null,
  guid: null,
  digest: null,
  event: null,
  action: null,
  received_at: null,
};

/** The delivery of an offset. */
const delivery = (offset: number) => ({ kafka_offset: offset, guid: guid(offset), digest: sha256(String(offset)) });

/**
 * Puts one partition as a processor leaves it, with one delivery in each state: 20 records, read by two owners, below
 * them what waits, is held, is dead, was decided about.
 */
export async function putSoundWorld(database: Queryable): Promise<void> {
  await database.query(`insert into hookline.topic_generations (topic, generation, partitions)
                        values ('github.deliveries', 1, 24)`);
  await put(database, 'partition_offsets', { next_offset: NEXT_OFFSET, epoch: 2 });
  const audit = (offset: number, row: Row) =>
    put(database, 'audit_log', { ...delivery(offset), epoch: offset < 10 ? 1 : 2, ...row });
  const claim = (offset: number, row: Row = {}) =>
    put(database, 'processed_deliveries', { ...delivery(offset), ...row });
  const waits = (offset: number, row: Row) => put(database, 'lane_deliveries', { ...delivery(offset), ...row });
  const dead = async (offset: number, letter: Row) => {
    await claim(offset, { outcome: 'dead' });
    await put(database, 'dead_deliveries', delivery(offset));
    await put(database, 'dead_letters', { kafka_offset: offset, ...letter });
  };

  const decisions = ['processed', 'duplicate', 'ignored', 'parked', 'parked', 'parked', 'parked', 'held', 'held'];
  for (const [offset, decision] of decisions.entries()) {
    const of = decision === 'duplicate' ? { ...delivery(0), kafka_offset: offset } : {};
    await audit(offset, { decision, ...of });
  }
  await audit(9, { decision: 'dead-lettered', ...NOTHING });
  await audit(10, { decision: 'applied', command_id: COMMAND, ...NOTHING, ordering_key: LANE });
  await audit(11, { decision: 'parked' });
  await audit(12, { decision: 'parked' });
  for (let offset = 13; offset < NEXT_OFFSET; offset++) {
    await audit(offset, { decision: 'processed', ordering_key: ACTIVITY });
    await claim(offset);
  }
  await claim(0);

  await audit(5, { stage: 'lane', decision: 'processed' });
  await claim(5);
  for (const offset of [6, 11, 12])
    await audit(offset, { stage: 'lane', decision: 'dead-lettered', handler: 'welcome' });
  await dead(6, {});
  await dead(11, { state: 'waiting' });
  await dead(12, { state: 'redriven', generation: 2, settled_at: new Date() });
  for (const decision of ['discarded', 'redriven']) {
    await audit(12, { kafka_offset: 10, stage: 'operator', decision, handler: 'welcome', command_id: COMMAND });
  }
  await put(database, 'held_deliveries', delivery(7));
  await audit(8, { stage: 'operator', decision: 'released' });
  await claim(8);
  const raw = { ...NOTHING, headers: null, secret_label: null, body_bytes: null };
  await put(database, 'dead_deliveries', { ...raw, kafka_offset: 9 });
  await put(database, 'dead_letters', { kafka_offset: 9, handler: null, reason: 'undecodable', attempts: 0 });
  await put(database, 'control_commands', { command_id: COMMAND, command: 'redrive', kafka_offset: 10 });

  // Of a relay that has the shard for longer than the processor has the partition.
  const told = { stage: 'effect', handler: 'welcome', epoch: 7 };
  for (const [n, state] of ['sent', 'discarded', 'waiting', 'dead'].entries()) {
    const of = { ...delivery(16 + n), effect_id: effectId(n) };
    const { kafka_offset: _, ...settled } = of;
    if (n < 2) await put(database, 'settled_effects', { ...settled, outcome: state });
    else await put(database, 'outbox', { ...of, state, reason: state === 'dead' ? 'exhausted' : null });
    await audit(16 + n, { ...told, decision: 'failed', effect_id: effectId(n) });
    if (n === 0) await audit(16, { ...told, decision: 'sent', effect_id: effectId(n) });
  }
  await audit(17, { stage: 'operator', decision: 'discarded', handler: 'welcome', effect_id: effectId(1) });

  // Of the handler that is dead there: it is the effect that was discarded, and not the dead letter.
  await put(database, 'settled_effects', {
    ...{ effect_id: effectId(6), guid: guid(6), digest: sha256('6'), outcome: 'discarded' },
  });
  await audit(6, { stage: 'operator', decision: 'discarded', handler: 'welcome', effect_id: effectId(6) });

  await put(database, 'lanes', { records: 3, next_position: 3, bytes: 0 });
  await waits(3, { position: 0 });
  await waits(4, { position: 1 });
  await waits(11, { position: 2, run: 'redrive', dead_incarnation: 1, dead_offset: 11, dead_handlers: ['welcome'] });
  await database.query(
    `update hookline.lanes set bytes = (select sum(octet_length(body)) from hookline.lane_deliveries)`,
  );
  await database.query(
    `insert into hookline.repository_activity
     values ($1, 3, 7, 'issues', 'opened', $2, 19, now())`,
    [ACTIVITY, guid(19)],
  );
}
