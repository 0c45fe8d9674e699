import type { Queryable } from '../database.ts';

const LOCK = `hashtext('hookline.commands')`;

/** Until the transaction ends, no log moves to another topic: whoever then looks whether one has moved knows it. */
export async function shareCommandsLock(tx: Queryable): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock_shared(${LOCK})`);
}

/** Until the transaction ends, nobody writes a command: none is overlooked, and none comes later unnoticed. */
export async function takeCommandsLock(tx: Queryable): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(${LOCK})`);
}
