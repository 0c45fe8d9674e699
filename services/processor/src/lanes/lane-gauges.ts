import type { LaneTotals } from '@hookline/database';
import type { Metrics } from '@hookline/runtime';

/** What waits in the lanes of this process's partitions, in sum: a series per repository would be without bound. */
export function createLaneGauges(metrics: Metrics): { count(partition: number, totals: LaneTotals | null): void } {
  const lanes = metrics.gauge({
    name: 'hookline_lanes_open',
    help: 'Repositories that wait in a lane, held ones included, of the partitions that are ours.',
  });
  const records = metrics.gauge({
    name: 'hookline_lane_records',
    help: 'Deliveries that wait in lanes, of the partitions that are ours.',
  });
  const bytes = metrics.gauge({
    name: 'hookline_lane_bytes',
    help: 'Bytes of bodies that wait in lanes, as they are stored, of the partitions that are ours.',
  });
  const oldest = metrics.gauge({
    name: 'hookline_lane_oldest_timestamp_seconds',
    help: 'When the lane that has been open for longest was opened, of the partitions that are ours; 0: none is open.',
  });
  const byPartition = new Map<number, LaneTotals>();
  return {
    count(partition, totals) {
      if (totals && totals.lanes > 0) byPartition.set(partition, totals);
      else byPartition.delete(partition);
      const all = [...byPartition.values()];
      lanes.set(all.reduce((sum, of) => sum + of.lanes, 0));
      records.set(all.reduce((sum, of) => sum + of.records, 0));
      bytes.set(all.reduce((sum, of) => sum + of.bytes, 0));
      const times = all.flatMap((of) => (of.oldest ? [of.oldest.getTime()] : []));
      oldest.set(times.length === 0 ? 0 : Math.min(...times) / 1000);
    },
  };
}
