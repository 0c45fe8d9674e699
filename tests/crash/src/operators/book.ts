import type { ControlTarget } from '@hookline/contracts';

/** What an operator of the harness has decided. */
export interface Decision {
  commandId: string;
  command: ControlTarget['command'];
  /** Where it was written; `both`: one command in the log and in the table. */
  via: 'log' | 'table' | 'both';
  /** Times that it was written there. */
  times: number;
  /** Milliseconds since the Unix epoch. */
  at: number;
  /** False: nobody has confirmed that it was written, and it can be there nevertheless. */
  confirmed: boolean;
  /** Place of the record that it is about; null: it is about none, or one of a log that has moved since. */
  record: string | null;
  /** How often that was tried, or had died, when it was decided; null: it is about neither. */
  generation: number | null;
  /** What it is about, in words. */
  about: string;
}

/** The harness' second book, beside the ledger of deliveries: every decision, by its command id. */
export type Book = Map<string, Decision>;

/** Who decides by the command line: it makes the ids, and nobody has them in a book. */
export const CLI_ACTOR = 'crash-cli';
