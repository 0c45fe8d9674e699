import type { Logger, Metrics } from '@hookline/runtime';
import type { AppendResult } from './delivery-log.ts';
import type { Topology } from './leaders.ts';

/** What happens in the log writer, each event with its log line and its numbers. */
export interface AppendEvents {
  appended(result: AppendResult, seconds: number): void;
  queueChanged(bytes: number, records: number): void;
  sent(records: number, bytes: number): void;
  producerReplaced(leader: number, error: Error): void;
  recordsIsolated(records: number, error: Error): void;
  /** The first of its partitions takes nothing any more. */
  sealed(topic: string): void;
  topologyChanged(before: Topology, after: Topology): void;
}

export function createAppendEvents(logger: Logger, metrics: Metrics): AppendEvents {
  const results = metrics.counter({
    name: 'hookline_log_appended_total',
    help: 'Appends to the log by what became of them.',
    labelNames: ['result'],
  });
  const seconds = metrics.histogram({
    name: 'hookline_log_append_seconds',
    help: 'From asking for an append to its answer.',
    labelNames: ['result'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  });
  const queuedBytes = metrics.gauge({
    name: 'hookline_log_queued_bytes',
    help: 'Bytes that wait for the log or are on their way to it.',
  });
  const queuedRecords = metrics.gauge({
    name: 'hookline_log_queued_records',
    help: 'Records that wait for the log or are on their way to it.',
  });
  const batchRecords = metrics.histogram({
    name: 'hookline_log_batch_records',
    help: 'Records of one send.',
    buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000],
  });
  const batchBytes = metrics.histogram({
    name: 'hookline_log_batch_bytes',
    help: 'Bytes of one send, before compression.',
    buckets: [1e3, 1e4, 1e5, 1e6, 1e7, 1e8],
  });
  const replaced = metrics.counter({
    name: 'hookline_log_producers_replaced_total',
    help: 'Producers thrown away after a send that failed or did not end in time.',
  });

  return {
    appended(result, duration) {
      const label = result.success ? 'success' : result.reason.toLowerCase();
      results.inc({ result: label });
      seconds.observe({ result: label }, duration);
    },
    queueChanged(bytes, records) {
      queuedBytes.set(bytes);
      queuedRecords.set(records);
    },
    sent(records, bytes) {
      batchRecords.observe(records);
      batchBytes.observe(bytes);
    },
    producerReplaced(leader, error) {
      replaced.inc();
      logger.warn({ leader, err: error }, 'a send to the log failed: its records go again with a new producer');
    },
    recordsIsolated(records, error) {
      logger.warn({ records, err: error }, 'the log refuses one record of a send: each goes alone');
    },
    sealed: (topic) => logger.warn({ topic }, 'the topic is sealed: its generation has ended'),
    topologyChanged(before, after) {
      const [was, is] = [describe(before), describe(after)];
      if (was === is) return;
      if (is === null) logger.info('the log can be written to');
      else if (after.state === 'mismatch') logger.error({ reason: is }, 'the log refuses every append');
      else logger.warn({ reason: is }, 'the log cannot be reached');
    },
  };
}

/** One set of events for several logs: what waits is that of all of them. */
export function shareAppendEvents(events: AppendEvents): () => AppendEvents {
  const queues: { bytes: number; records: number }[] = [];
  return () => {
    const own = { bytes: 0, records: 0 };
    queues.push(own);
    return {
      ...events,
      queueChanged(bytes, records) {
        Object.assign(own, { bytes, records });
        const sum = (of: 'bytes' | 'records') => queues.reduce((total, queue) => total + queue[of], 0);
        events.queueChanged(sum('bytes'), sum('records'));
      },
    };
  };
}

/** Why the log may not be writable, or null. */
export function describe(topology: Topology): string | null {
  return topology.state === 'known' ? topology.doubt : topology.reason;
}
