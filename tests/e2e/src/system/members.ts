import { until, type ServiceProcess } from '@hookline/test-support';
import { readAudit } from '../verify/read-state.ts';
import type { System } from './start-system.ts';

/** Partitions that its latest join gave to a processor. */
export function partitionsOf({ log }: ServiceProcess): number[] {
  const line = log.findLast(({ msg }) => msg === 'joined the consumer group');
  return ((line?.['partitions'] ?? []) as number[]).toSorted((a, b) => a - b);
}

/** Waits until each of two processors has half of the partitions. */
export async function untilShared({ partitions }: System, one: ServiceProcess, other: ServiceProcess): Promise<void> {
  const all = String(Array.from({ length: partitions }, (_, partition) => partition));
  await until(
    'two processors share the partitions',
    () => {
      const [ours, theirs] = [partitionsOf(one), partitionsOf(other)];
      const both = [...ours, ...theirs].toSorted((a, b) => a - b);
      return ours.length === theirs.length && String(both) === all;
    },
    60_000,
  );
}

/** Epochs, by partition, that a processor has. */
export function epochsOf(processor: ServiceProcess): Map<number, string> {
  const mine = partitionsOf(processor);
  const takeovers = processor.log.filter(({ msg }) => msg === 'took the partition over');
  return new Map(
    takeovers
      .map((line): [number, string] => [line['partition'] as number, String(line['epoch'])])
      .filter(([partition]) => mine.includes(partition)),
  );
}

/** How much was decided in these epochs. */
export async function writtenIn(system: System, epochs: ReadonlyMap<number, string>): Promise<number> {
  const audit = await readAudit(system);
  return audit.filter(({ partition, epoch }) => epochs.get(partition) === String(epoch)).length;
}
