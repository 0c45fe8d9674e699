import type { Decision } from '../operators/book.ts';
import type { LedgerEntry } from '../traffic/ledger.ts';

/** A partition of one topic: where a generation has moved, a round has two topics with the same numbers. */
export type PartitionName = string;

export const partitionName = (topic: string, partition: number): PartitionName => `${topic}/${partition}`;
export const topicOf = (partition: PartitionName): string => partition.slice(0, partition.lastIndexOf('/'));

/** A record of the log, read past every service. Null: it is no delivery. */
export interface LogRecord {
  partition: PartitionName;
  offset: bigint;
  /** Null: it is none. */
  delivery: { key: string; guid: string; digest: string; event: string } | null;
  /** An operator's; null: it is none. */
  command: { id: string; name: string; actor: string } | null;
  /** It marks that a generation ends, and says nothing else. */
  isEndMark: boolean;
}

/** A topic of the log, in their order. */
export interface Generation {
  topic: string;
  partitions: number;
  state: string;
}

export interface AuditRow {
  id: bigint;
  stage: string;
  decision: string;
  /** Of the record that it is about. */
  partition: PartitionName;
  offset: bigint | null;
  /** Whose owner wrote it: another where what waited of a record has moved to the next generation. */
  by: PartitionName;
  epoch: bigint;
  key: string | null;
  handler: string | null;
  attempt: number | null;
  detail: string | null;
  /** Of the delivery that it is about. */
  guid: string | null;
  digest: string | null;
  /** Of the command that it is about. */
  commandId: string | null;
  /** Of the effect that it is about. */
  effectId: string | null;
}

/** Who has written something, by the name of the transaction. */
export interface Owner {
  partition: PartitionName;
  epoch: bigint;
}

/** A row of the harness' own table, in the order of writing. */
export interface Effect {
  id: bigint;
  handler: string;
  key: string;
  nth: bigint;
  guid: string;
  /** Of the record that it is of. */
  partition: PartitionName;
  offset: bigint;
  /** The name of the transaction that wrote it. */
  writtenAs: string;
  /** Null: that is no name of a fenced transaction. */
  owner: Owner | null;
}

/** An effect that was committed when its epoch was no longer the partition's. */
export interface StaleEffect {
  partition: PartitionName;
  offset: bigint;
  writtenAs: string;
}

export interface Takeover {
  partition: PartitionName;
  epoch: bigint;
}

export interface StoredOffset {
  partition: PartitionName;
  nextOffset: bigint;
  epoch: bigint;
}

export interface Waiting {
  partition: PartitionName;
  offset: bigint;
  /** Whose owner is to run it. */
  keptAt: PartitionName;
  key: string;
  lastRun: Record<string, string> | null;
}

export interface DeadLetter {
  partition: PartitionName;
  offset: bigint;
  /** Whose owner would run it again. */
  keptAt: PartitionName;
  handler: string | null;
  reason: string;
  attempts: number;
  state: string;
  /** When it was redriven or discarded, milliseconds since the Unix epoch. */
  settledAt: number | null;
}

/** Whether something is still to be done, or decided, about it. */
export const isOpen = ({ state }: DeadLetter): boolean => state === 'dead' || state === 'waiting';

export interface Claim {
  guid: string;
  digest: string;
  partition: PartitionName;
  offset: bigint;
  outcome: string;
  /** By the database's clock, milliseconds since the Unix epoch. */
  claimedAt: number;
}

/** A claim that the harness has dated back, with the rows of the audit about its record: as if time had passed. */
export interface Aged {
  guid: string;
  partition: PartitionName;
  offset: bigint;
  /** When it was claimed in truth, milliseconds since the Unix epoch. */
  claimedAt: number;
  /** Behind the horizon, in a range that goes: the delivery may be forgotten. Else nothing of it may go. */
  beyond: boolean;
  /** The last row of the audit by then: only what is decided later can have forgotten it. */
  auditId: bigint;
}

/** What is kept of a payload that was held. */
export interface Held {
  digest: string;
  key: string;
  /** Whose owner would run it, or hold it again. */
  keptAt: PartitionName;
  state: string;
}

/** What is kept of an operator's command. */
export interface Command {
  id: string;
  name: string;
  /** That it was decided on; empty where it names none: of a dead letter, that it is dead. */
  state: string;
  /** Null: it waits in the table. */
  outcome: string | null;
  via: string;
  actor: string;
}

export interface Lane {
  key: string;
  state: string;
  records: bigint;
}

/** All that can be known from outside after a round: the harness' own book, the log, and the tables. */
export interface Facts {
  /** By partition, the offset from which on the log counts; 0 for one that is not named. */
  from: ReadonlyMap<PartitionName, bigint>;
  /** When an earlier state of the database was restored, of which the tables are; 0: never. */
  restoredAt: number;
  ledger: readonly LedgerEntry[];
  generations: readonly Generation[];
  /** In the order of generations, partitions, offsets; of a generation that has ended, up to its end. */
  log: readonly LogRecord[];
  /** What is behind the end of a generation. */
  behindEnds: readonly LogRecord[];
  offsets: readonly StoredOffset[];
  /** In the order of writing; without the stage `effect`. */
  audit: readonly AuditRow[];
  effects: readonly Effect[];
  staleEffects: readonly StaleEffect[];
  takeovers: readonly Takeover[];
  claims: readonly Claim[];
  aged: readonly Aged[];
  lanes: readonly Lane[];
  waiting: readonly Waiting[];
  deadLetters: readonly DeadLetter[];
  held: readonly Held[];
  commands: readonly Command[];
  /** The harness' own book of what operators have decided. */
  decisions: readonly Decision[];
}

export const placeOf = ({ partition, offset }: { partition: PartitionName; offset: bigint | null }): string =>
  `${partition}/${offset}`;
