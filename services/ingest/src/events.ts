import type { Clock, Logger, Metrics } from '@hookline/runtime';
import { ANSWERS, type AnswerCode } from './answers.ts';
import type { ReadingBudget } from './http/reading-budget.ts';
import { createLogSampling } from './log-sampling.ts';
import type { Source } from './sources/source.ts';
import type { Outcome } from './webhook/accept-delivery.ts';
import type { Head } from './webhook/read-head.ts';

/**
 * What happens in ingest, one function per event: its log line and its metrics together.
 *
 * Accepted deliveries are logged at `debug`: at thousands a second a line each costs more than the delivery, and the
 * log of deliveries itself says the same. What is not accepted is logged at `info` or `warn`, the first ten of a kind
 * in ten seconds; `heldBack` tells how many were not written. The metrics count every one.
 */
export interface IngestEvents {
  /** A request was answered after its body had been read. */
  answered(request: { source: string; head: Head; outcome: Outcome; seconds: number }): void;
  /** A request was refused before its body had been read whole. */
  rejected(request: { source: string; code: AnswerCode; delivery: unknown }): void;
  /** A client went away before it had sent its whole body. */
  aborted(request: { source: string }): void;
  /** Something that is not for a source was answered: pages, unknown paths, broken requests. */
  other(code: string): void;
  /** A request failed in a way that nobody foresaw. */
  failed(error: unknown): void;
  sourcesLoaded(sources: readonly Source[]): void;
  sourcesRefused(problems: string[]): void;
  schemaFound(schemaId: number): void;
  schemaMissing(error: unknown): void;
  listening(port: number): void;
  draining(requests: number): void;
}

const NOT_REFUSED: Partial<Record<AnswerCode, string>> = {
  IGNORED: 'delivery ignored',
  DUPLICATE: 'delivery not appended: it was processed before',
  ALREADY_PROCESSED: 'delivery not appended: it was processed before',
};

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createIngestEvents({
  logger,
  metrics,
  clock,
}: {
  logger: Logger;
  metrics: Metrics;
  clock: Clock;
}): IngestEvents {
  const sampling = createLogSampling({ perWindow: 10, windowMs: 10_000, clock });
  const requests = metrics.counter({
    name: 'hookline_ingest_requests_total',
    help: 'Requests by source ("" for none) and the code of their answer (ABORTED: no answer, the client went away).',
    labelNames: ['source', 'code'],
  });
  const durations = metrics.histogram({
    name: 'hookline_ingest_request_seconds',
    help: 'Time from the head of a request to its answer, of requests whose body was read whole.',
    labelNames: ['status'],
    buckets: SECONDS,
  });
  const changes = metrics.counter({
    name: 'hookline_ingest_sources_reloads_total',
    help: 'Changes of the list of sources that were taken over, or refused.',
    labelNames: ['result'],
  });

  return {
    answered({ source, head, outcome, seconds }) {
      const { code } = outcome;
      requests.inc({ source, code });
      durations.observe({ status: ANSWERS[code].status }, seconds);
      const { guid, event } = head.delivery;
      if (code === 'ACCEPTED' || code === 'RESET') {
        if (!logger.isLevelEnabled('debug')) return;
        const { key, partition, offset, secretLabel } = outcome;
        const message = code === 'RESET' ? 'delivery accepted for a reset' : 'delivery accepted';
        logger.debug({ source, guid, event, key, partition, offset, secretLabel }, message);
        return;
      }
      const detail = 'detail' in outcome ? { detail: outcome.detail } : {};
      const level = ANSWERS[code].status >= 500 ? 'warn' : 'info';
      const message = NOT_REFUSED[code] ?? 'delivery refused';
      sampling.sample(`${source} ${code}`, (heldBack) => {
        logger[level]({ source, guid, event, code, ...detail, ...held(heldBack) }, message);
      });
    },
    rejected({ source, code, delivery }) {
      requests.inc({ source, code });
      sampling.sample(`${source} ${code}`, (heldBack) => {
        const guid = typeof delivery === 'string' ? delivery.slice(0, 36) : undefined;
        logger.info({ source, guid, code, ...held(heldBack) }, 'request refused');
      });
    },
    aborted({ source }) {
      requests.inc({ source, code: 'ABORTED' });
      sampling.sample(`${source} ABORTED`, (heldBack) => {
        logger.info({ source, ...held(heldBack) }, 'request aborted by the client');
      });
    },
    other: (code) => requests.inc({ source: '', code }),
    failed(error) {
      requests.inc({ source: '', code: 'INTERNAL' });
      sampling.sample('INTERNAL', (heldBack) => {
        logger.error({ err: error, ...held(heldBack) }, 'request failed');
      });
    },
    sourcesLoaded(sources) {
      changes.inc({ result: 'loaded' });
      const shown = sources.map(({ name, path, namespace, secrets }) => {
        return { name, path, namespace, secretLabels: secrets.map(({ label }) => label) };
      });
      logger.info({ sources: shown }, 'sources loaded');
    },
    sourcesRefused(problems) {
      changes.inc({ result: 'refused' });
      logger.error({ problems }, 'changed sources refused, those before them stay in force');
    },
    schemaFound: (schemaId) => logger.info({ schemaId }, 'schema of deliveries found'),
    schemaMissing: (error) => logger.warn({ err: error }, 'schema of deliveries not found yet, asking again'),
    listening: (port) => logger.info({ port }, 'taking webhooks'),
    draining: (requestsInFlight) => logger.info({ requestsInFlight }, 'draining: no new connections'),
  };
}

function held(heldBack: number): { heldBack?: number } {
  return heldBack > 0 ? { heldBack } : {};
}

/** Shows what bodies hold while they are being read, as of each call. */
export function createReadingGauges(metrics: Metrics): (budget: ReadingBudget) => void {
  const bytes = metrics.gauge({
    name: 'hookline_ingest_reading_bytes',
    help: 'Bytes of bodies in memory that are not verified yet.',
  });
  const requests = metrics.gauge({
    name: 'hookline_ingest_reading_requests',
    help: 'Bodies that are on their way.',
  });
  return (budget) => {
    bytes.set(budget.bytes);
    requests.set(budget.requests);
  };
}
