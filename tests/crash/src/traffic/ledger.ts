/** What became of one sending. */
export interface Sending {
  /** Null: there was no answer. */
  status: number | null;
  /** Accepted as one that waits in a lane, or is dead. */
  reset: boolean;
  /** When it was begun, and when its answer was there: milliseconds since the Unix epoch. */
  startedAt: number;
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
  /** `outlasts`: it goes on for longer than attempts may last. */
  misdeed: { does: string; in: string; forMs: number | null; outlasts?: true } | null;
  sendings: Sending[];
}

/** The harness' own book: against it the log is checked, and against the log the tables. */
export type Ledger = Map<string, LedgerEntry>;

const ACCEPTED = 202;
const DUPLICATE = 409;

/** Whether its sender need not send it again: it is in the log, or was processed before. */
export const isDone = ({ status }: Pick<Sending, 'status'>): boolean => status === ACCEPTED || status === DUPLICATE;

export const accepted = ({ sendings }: LedgerEntry): number => count(sendings, ACCEPTED);

/** How often it was answered that it has been processed before. */
export const refused = ({ sendings }: LedgerEntry): number => count(sendings, DUPLICATE);

export const isAccepted = ({ status }: Sending): boolean => status === ACCEPTED;
export const isRefused = ({ status }: Sending): boolean => status === DUPLICATE;

function count(sendings: readonly Sending[], wanted: number): number {
  return sendings.filter(({ status }) => status === wanted).length;
}
