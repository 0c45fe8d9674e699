import { HooklineError } from '@hookline/runtime';

/**
 * Where a first owner of a partition begins. All partitions that ask at once share one question to Kafka: at the very
 * first start that is every one of them.
 *
 * @throws {HooklineError} TOPIC_MISMATCH where Kafka does not have the partition; what `readStarts` throws
 */
export function createLogStart(
  readStarts: () => Promise<ReadonlyMap<number, bigint>>,
): (partition: number) => Promise<bigint> {
  let reading: Promise<ReadonlyMap<number, bigint>> | undefined;
  return async (partition) => {
    reading ??= readStarts().finally(() => (reading = undefined));
    const start = (await reading).get(partition);
    if (start === undefined) throw new HooklineError('TOPIC_MISMATCH', `Kafka does not have partition ${partition}.`);
    return start;
  };
}
