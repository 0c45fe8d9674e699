import type { Counts } from './count-costs.ts';
import type { Usage } from './leave-outcome.ts';

/** What a processor of a bench is told, as JSON in the file `BENCH_ORDERS_FILE`. */
export interface ProcessorOrders {
  /** Ordering keys whose deliveries all fail. */
  failingKeys: string[];
  keepLatencies: boolean;
  /** Only what is built in, and what it costs is counted. */
  isPlain: boolean;
  /** The file into which the transactions of its slices are written, of one that is plain; null: none. */
  recordTo: string | null;
  /** Where it writes its {@link Outcome} when it ends. */
  outcomeFile: string;
}

/** What a processor says of itself when it ends. */
export interface Outcome extends Usage, Counts {
  /** From accept to commit, of each delivery that was processed from the log, both in milliseconds. */
  latencies: { receivedAt: number; ms: number }[];
}
