/** What became of one sending: a status, or what broke. */
export interface Sending {
  status: number | null;
  begunAt: number;
  endedAt: number;
}

/** One delivery, what was sent of it, and how each sending was answered. */
export interface LedgerEntry {
  guid: string;
  key: string;
  event: string;
  /** SHA-256 of the body's bytes, as hex. */
  digest: string;
  poisoned: boolean;
  misdeed: { does: string; in: string; forMs: number | null } | null;
  sendings: Sending[];
}

/** The harness' own book: against it the log is checked, and against the log the tables. */
export type Ledger = Map<string, LedgerEntry>;

export const accepted = ({ sendings }: LedgerEntry): number => sendings.filter(({ status }) => status === 202).length;
