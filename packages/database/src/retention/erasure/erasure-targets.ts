import type { PartitionPlace } from '../../fence.ts';

/** A dead delivery, a delivery in a lane, a held one, an effect that is not settled: by what the database knows it by. */
export type ErasureTarget = PartitionPlace & {
  orderingKey: string | null;
  guid: string | null;
} & (
    | { where: 'dead'; incarnation: number; offset: bigint; openLetters: number }
    | { where: 'lane'; orderingKey: string; position: bigint }
    | { where: 'held'; digest: Buffer; dedupScope: string; event: string }
    | { where: 'effect'; effectId: string; isDead: boolean }
  );

/** Who has it erased, and why. */
export interface Eraser {
  actor: string;
  why: string;
  /** UUID: which run of the command. */
  commandId: string;
}
