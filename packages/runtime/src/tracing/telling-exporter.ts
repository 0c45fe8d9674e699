import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Metrics } from '../metrics.ts';
import { createSpanCounter } from './span-counter.ts';

/** The result of an export that has succeeded: `ExportResultCode.SUCCESS`. */
const SUCCESS: number = 0;

/** Counts spans, and tells of the first export that fails and of the first one that succeeds again. */
export function tellingExporter(
  exporter: SpanExporter,
  metrics: Metrics,
  onTrouble: (error: unknown) => void,
): { exporter: SpanExporter; counter: SpanProcessor } {
  const spans = createSpanCounter(metrics);
  let inTrouble = false;
  return {
    exporter: {
      export(batch: ReadableSpan[], done) {
        exporter.export(batch, (result) => {
          const code: number = result.code;
          const hasFailed = code !== SUCCESS;
          spans.inc({ outcome: hasFailed ? 'failed' : 'sent' }, batch.length);
          if (hasFailed !== inTrouble) onTrouble(hasFailed ? (result.error ?? new Error('It was refused.')) : null);
          inTrouble = hasFailed;
          done(result);
        });
      },
      shutdown: () => exporter.shutdown(),
      forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
    },
    counter: {
      onStart() {},
      onEnd: () => spans.inc({ outcome: 'recorded' }),
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    },
  };
}
