import type { Usage } from './leave-outcome.ts';

/** What a processor of a bench is told, as JSON in `BENCH_ORDERS`. */
export interface ProcessorOrders {
  /** Ordering keys whose deliveries all fail. */
  failingKeys: string[];
  keepLatencies: boolean;
  /** Where it writes its {@link Outcome} when it ends. */
  outcomeFile: string;
}

/** What a processor says of itself when it ends. */
export interface Outcome extends Usage {
  /** From accept to commit, of each delivery that was processed from the log, both in milliseconds. */
  latencies: { receivedAt: number; ms: number }[];
}
