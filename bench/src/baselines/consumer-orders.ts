/** What a consumer that is compared with is told, as JSON in `BENCH_ORDERS`. */
export interface ConsumerOrders {
  /** Partitions that it works on at once, each with a connection. */
  lanes: number;
  /** Where it writes what it has cost when it ends. */
  outcomeFile: string;
}
