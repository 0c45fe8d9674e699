import type { PartitionHalt, StoredPartition } from '@hookline/database';
import type { KafkaView } from './partitions-kafka.ts';

/**
 * - `reading`: a processor has it, and nothing speaks against reading it
 * - `halted`: it waits for a human, whether a processor has it or not
 * - `unassigned`: no processor has it
 * - `unknown`: who could say was not there to be asked
 */
export type PartitionState = 'reading' | 'halted' | 'unassigned' | 'unknown';

/** One partition of the topic; null: nothing is there, or it could not be asked. Offsets are strings: they pass 2^53. */
export interface PartitionView {
  partition: number;
  state: PartitionState;
  reason: string | null;
  detail: string | null;
  haltedAt: string | null;
  nextOffset: string | null;
  logStart: string | null;
  logEnd: string | null;
  lag: string | null;
  committed: string | null;
  /** Whether a processor has it. */
  assigned: boolean | null;
  owner: string | null;
  epoch: string | null;
  incarnation: number | null;
  lanes: number | null;
  heldLanes: number | null;
  waitingRecords: number | null;
}

/** What the database knows of the partitions of a topic. */
export interface DatabaseView {
  stored: readonly StoredPartition[];
  halts: readonly PartitionHalt[];
}

/** Puts together what was said by who could be asked. Pure. */
export function viewPartitions(
  partitions: number,
  database: DatabaseView | null,
  kafka: KafkaView | null,
): PartitionView[] {
  return Array.from({ length: partitions }, (_, partition) => viewPartition(partition, database, kafka));
}

function viewPartition(partition: number, database: DatabaseView | null, kafka: KafkaView | null): PartitionView {
  const stored = database?.stored.find((row) => row.partition === partition);
  const halt = database && presentHalt(database.halts, partition);
  const bounds = kafka?.bounds.get(partition);
  const assigned = kafka ? kafka.assigned.has(partition) : null;
  const next = stored?.nextOffset ?? null;
  return {
    partition,
    state: stateOf(database === null, halt !== null, assigned),
    reason: halt?.reason ?? null,
    detail: halt?.detail ?? null,
    haltedAt: halt?.haltedAt.toISOString() ?? null,
    nextOffset: text(next),
    logStart: text(bounds?.start),
    logEnd: text(bounds?.end),
    lag: bounds && next !== null ? String(bounds.end > next ? bounds.end - next : 0n) : null,
    committed: text(bounds?.committed),
    assigned,
    owner: stored?.owner ?? null,
    epoch: text(stored?.epoch),
    incarnation: stored?.incarnation ?? null,
    lanes: stored?.lanes ?? (database && 0),
    heldLanes: stored?.heldLanes ?? (database && 0),
    waitingRecords: stored?.waitingRecords ?? (database && 0),
  };
}

/** The halt of a partition that is one now. */
export function presentHalt(halts: readonly PartitionHalt[], partition: number): PartitionHalt | null {
  return halts.find((row) => row.partition === partition && row.isPresent) ?? null;
}

function stateOf(blind: boolean, halted: boolean, assigned: boolean | null): PartitionState {
  if (halted) return 'halted';
  if (assigned === false) return 'unassigned';
  return blind || assigned === null ? 'unknown' : 'reading';
}

const text = (value: bigint | null | undefined) => (value === null || value === undefined ? null : String(value));
