/** Looks that a silence lasts before it counts as one. */
const LOOKS = 10;

/**
 * Tells when a KafkaJS client has stopped without an end: no error, no event, no promise that settles. A request to a
 * connection that is being closed can be such an end, and so can a timeout that is measured by a clock that was set back.
 *
 * It counts its looks, not time: a process that was frozen has missed its looks, too. Each broker's fetch counts by itself,
 * since the other brokers' fetches keep the loop turning and the heartbeats going.
 */
export class Silence {
  readonly #limitMs: number;
  #looks = 0;
  readonly #fetches = new Map<number, number>();

  /** @param limitMs milliseconds without a sign, above the longest that any answer may rightly take */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** Milliseconds between two looks. */
  get periodMs(): number {
    return this.#limitMs / LOOKS;
  }

  /** Something has happened: a join has begun, or ended. */
  sign(): void {
    this.#looks = 0;
  }

  fetchBegan(broker: number): void {
    this.sign();
    this.#fetches.set(broker, 0);
  }

  fetchEnded(broker: number): void {
    this.sign();
    this.#fetches.delete(broker);
  }

  /** The fetch loop has ended, and with it every fetch: those that failed do not say so. */
  fetchesEnded(): void {
    this.sign();
    this.#fetches.clear();
  }

  /** Looks; gives who has been silent for the whole limit. Call it once per period. */
  tick(): string | null {
    this.#looks += 1;
    if (this.#looks > LOOKS) return `it has given no sign of life for ${this.#limitMs} ms`;
    for (const [broker, looks] of this.#fetches) {
      if (looks >= LOOKS) return `a fetch from broker ${broker} has not ended for ${this.#limitMs} ms`;
      this.#fetches.set(broker, looks + 1);
    }
    return null;
  }
}
