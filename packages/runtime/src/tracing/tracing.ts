/** What a span is to the ones around it, in the words of OpenTelemetry. */
export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** Facts of a span, by the names of OpenTelemetry's conventions where they have one. What is undefined is left out. */
export type SpanFacts = Readonly<Record<string, string | number | boolean | undefined>>;

export interface SpanSettings {
  kind?: SpanKind;
  /** The `traceparent` that it goes on from; null: it begins a trace. Absent: the active span's, else it begins one. */
  parent?: string | null;
  /** The `traceparent`s of spans that belong to it and are not above it. One that begins a trace is recorded with them. */
  links?: readonly string[];
  /** Asked for only where it is recorded. */
  facts?: () => SpanFacts;
  /** Milliseconds since the Unix epoch; default: now. */
  startedAt?: number;
}

/** A piece of work, from when it is made until `end`. Nothing of it throws. */
export interface Span {
  /** For what comes after it, in whichever process, as W3C writes it; undefined: there is no trace. */
  readonly traceparent: string | undefined;
  /** False: nothing of it is kept, so that no fact of it need be computed. */
  readonly isRecorded: boolean;
  /** Runs `work` with this span as the active one, over all that it awaits: of log lines, and of spans of others. */
  run<T>(work: () => T): T;
  set(facts: SpanFacts): void;
  /** It has failed; told by the error's message, so no secrets and no bodies. */
  fail(error: unknown): void;
  end(): void;
}

/** Traces of one process. */
export interface Tracing {
  start(name: string, settings?: SpanSettings): Span;
  /** What a log line that is written now says of the active span: `trace_id`, `span_id`, `trace_flags`. */
  logFields(): Record<string, string>;
  /** Sends what is left, for so many milliseconds at most, and records nothing more. Never rejects. */
  close(withinMs: number): Promise<void>;
}

/** A span that is none. */
export const NO_SPAN: Span = {
  traceparent: undefined,
  isRecorded: false,
  run: (work) => work(),
  set() {},
  fail() {},
  end() {},
};

/** Nothing is traced: what a service has that is told no endpoint. */
export const NO_TRACING: Tracing = {
  start: () => NO_SPAN,
  logFields: () => ({}),
  close: () => Promise.resolve(),
};

/** Does `work` within a span, which is the active one meanwhile, fails with it, and ends when it does. */
export async function withSpan<T>(span: Span, work: (span: Span) => Promise<T>): Promise<T> {
  try {
    return await span.run(() => work(span));
  } catch (error) {
    span.fail(error);
    throw error;
  } finally {
    span.end();
  }
}
