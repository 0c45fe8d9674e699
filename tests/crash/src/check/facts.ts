import type { LedgerEntry } from '../traffic/ledger.ts';

/** A record of the log, read past every service. Null: it is no delivery. */
export interface LogRecord {
  partition: number;
  offset: bigint;
  delivery: { key: string; guid: string; digest: string; event: string } | null;
}

export interface AuditRow {
  id: bigint;
  stage: string;
  decision: string;
  partition: number;
  offset: bigint | null;
  epoch: bigint;
  key: string | null;
  handler: string | null;
  attempt: number | null;
  detail: string | null;
}

/** A row of the harness' own table, in the order of writing. */
export interface Effect {
  id: bigint;
  handler: string;
  key: string;
  nth: bigint;
  guid: string;
  partition: number;
  offset: bigint;
  /** The name of the transaction that wrote it, which ends with its epoch. */
  writtenAs: string;
}

/** An effect that was committed when its epoch was no longer the partition's. */
export interface StaleEffect {
  partition: number;
  offset: bigint;
  writtenAs: string;
}

export interface Takeover {
  partition: number;
  epoch: bigint;
}

export interface StoredOffset {
  partition: number;
  nextOffset: bigint;
  epoch: bigint;
}

export interface Waiting {
  partition: number;
  offset: bigint;
  key: string;
  lastRun: Record<string, string> | null;
}

export interface DeadLetter {
  partition: number;
  offset: bigint;
  handler: string | null;
  reason: string;
  attempts: number;
  state: string;
  /** When it was redriven or discarded, milliseconds since the Unix epoch. */
  settledAt: number | null;
}

export interface Claim {
  guid: string;
  digest: string;
  partition: number;
  offset: bigint;
  outcome: string;
  /** By the database's clock, milliseconds since the Unix epoch. */
  claimedAt: number;
}

export interface Lane {
  key: string;
  state: string;
  records: bigint;
}

/** All that can be known from outside after a round: the harness' own book, the log, and the tables. */
export interface Facts {
  /** By partition, the offset from which on the log counts; 0 for one that is not named. */
  from: ReadonlyMap<number, bigint>;
  /** When an earlier state of the database was restored, of which the tables are; 0: never. */
  restoredAt: number;
  ledger: readonly LedgerEntry[];
  /** In the order of partitions, then offsets. */
  log: readonly LogRecord[];
  offsets: readonly StoredOffset[];
  /** In the order of writing. */
  audit: readonly AuditRow[];
  effects: readonly Effect[];
  staleEffects: readonly StaleEffect[];
  takeovers: readonly Takeover[];
  claims: readonly Claim[];
  lanes: readonly Lane[];
  waiting: readonly Waiting[];
  deadLetters: readonly DeadLetter[];
}

export const placeOf = ({ partition, offset }: { partition: number; offset: bigint | null }): string =>
  `${partition}/${offset}`;
