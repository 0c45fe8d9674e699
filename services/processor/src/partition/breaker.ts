export interface BreakerSettings {
  /** Distinct keys that must fail for the same handler before it opens. */
  keys: number;
  /** Milliseconds for which the outcome of a key is remembered. */
  windowMs: number;
  /** A monotonic clock, in milliseconds. */
  now: () => number;
  /** Told whenever a handler's breaker opens or closes. */
  onChanged: (handler: string, open: boolean) => void;
}

/** Keys remembered per handler: the oldest are forgotten before their time, so that memory has a bound. */
const MOST_KEYS = 20_000;

interface Outcome {
  at: number;
  failed: boolean;
}

interface HandlerOutcomes {
  /** By ordering key, the one that ran longest ago first. */
  byKey: Map<string, Outcome>;
  failing: number;
  open: boolean;
}

/**
 * Tells a handler that is broken from deliveries that are. When many keys fail alike, it is not the deliveries: while
 * the breaker is open nothing is parked, counted or exhausted for that handler, and what failed is tried again where it
 * is. Open while the last outcome of at least `keys` keys of the window is a failure that counts, and they are at least
 * half of all keys that the handler ran for.
 *
 * What waits is tried again well within the window, so that a breaker closes by successes and not by silence; what is
 * tried no more (its partition has moved away) is forgotten.
 *
 * One per process: partitions and lanes tell it together. No I/O.
 */
export class Breaker {
  readonly #settings: BreakerSettings;
  readonly #handlers = new Map<string, HandlerOutcomes>();

  constructor(settings: BreakerSettings) {
    this.#settings = settings;
  }

  /** The handler's work for these keys has been committed. */
  succeeded(handler: string, orderingKeys: Iterable<string>): void {
    this.#note(handler, orderingKeys, false);
  }

  /** The handler has failed for this key, in a way that counts. Also while open. */
  failed(handler: string, orderingKey: string): void {
    this.#note(handler, [orderingKey], true);
  }

  isOpen(handler: string): boolean {
    const outcomes = this.#handlers.get(handler);
    return outcomes ? this.#look(handler, outcomes) : false;
  }

  /** Whether any handler's breaker is open now. */
  anyOpen(): boolean {
    return [...this.#handlers.keys()].some((handler) => this.isOpen(handler));
  }

  #note(handler: string, orderingKeys: Iterable<string>, failed: boolean): void {
    let outcomes = this.#handlers.get(handler);
    if (!outcomes) this.#handlers.set(handler, (outcomes = { byKey: new Map(), failing: 0, open: false }));
    const at = this.#settings.now();
    for (const key of orderingKeys) {
      forget(outcomes, key);
      outcomes.byKey.set(key, { at, failed });
      if (failed) outcomes.failing += 1;
    }
    this.#look(handler, outcomes);
  }

  #look(handler: string, outcomes: HandlerOutcomes): boolean {
    const { keys, windowMs, now, onChanged } = this.#settings;
    const oldest = now() - windowMs;
    for (const [key, { at }] of outcomes.byKey) {
      if (at > oldest && outcomes.byKey.size <= MOST_KEYS) break;
      forget(outcomes, key);
    }
    const open = outcomes.failing >= keys && outcomes.failing * 2 >= outcomes.byKey.size;
    if (open !== outcomes.open) {
      outcomes.open = open;
      onChanged(handler, open);
    }
    return open;
  }
}

function forget(outcomes: HandlerOutcomes, key: string): void {
  if (outcomes.byKey.get(key)?.failed) outcomes.failing -= 1;
  outcomes.byKey.delete(key);
}
