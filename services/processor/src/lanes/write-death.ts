import {
  noteDeath,
  reviveLetter,
  writeDeadLetters,
  type DeadLetter,
  type Fence,
  type LaneDelivery,
  type Queryable,
} from '@hookline/database';

/**
 * Handlers of a waiting delivery are dead: their dead letters, which of one that was dead before are the same ones again, and
 * the note of how far the log was read by then. Never one without the other: what came while it waited would run it again
 * when the log is read again.
 */
export async function writeDeath(
  tx: Queryable,
  fence: Fence,
  record: LaneDelivery,
  letters: readonly DeadLetter[],
): Promise<void> {
  if (letters.length === 0) return;
  const { incarnation, offset, time, dead } = record;
  const place = { incarnation, offset, time };
  if (dead) for (const letter of letters) await reviveLetter(tx, fence, dead.place, letter);
  else await writeDeadLetters(tx, fence, [{ place, delivery: record, raw: null, letters }]);
  await noteDeath(tx, fence, dead?.place ?? place);
}
