/** Copies stored offsets to the consumer group in Kafka, for lag tools and as a witness. */
export interface OffsetCopier {
  /** Notes an offset that the database has committed. */
  note(partition: number, nextOffset: bigint): void;
  /** Forgets what was noted and not copied. */
  forget(): void;
  /** Copies what was noted since the last copy. A copy that fails is tried again, never reported further. */
  tick(): Promise<void>;
  start(): void;
  stop(): void;
}

/**
 * Always our own value, never the one KafkaJS has resolved: that one says what was queued, not what was processed.
 *
 * @param onFailed told of a copy that was not taken; the next tick copies again
 */
export function createOffsetCopier(
  copy: (offsets: ReadonlyMap<number, bigint>) => Promise<void>,
  onFailed: (error: unknown) => void,
  intervalMs: number,
): OffsetCopier {
  let noted = new Map<number, bigint>();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | null = null;

  async function copyNoted(): Promise<void> {
    const offsets = noted;
    if (offsets.size === 0) return;
    noted = new Map();
    try {
      await copy(offsets);
    } catch (error) {
      // Newer notes win; the others are copied with the next tick.
      noted = new Map([...offsets, ...noted]);
      onFailed(error);
    }
  }

  const copier: OffsetCopier = {
    note: (partition, nextOffset) => void noted.set(partition, nextOffset),
    forget: () => noted.clear(),
    tick() {
      running ??= copyNoted().finally(() => (running = null));
      return running;
    },
    start: () => void (timer = setInterval(() => void copier.tick(), intervalMs)),
    stop: () => clearInterval(timer),
  };
  return copier;
}
