import { DEFAULT_KEY_RULE, type KeyRule } from './key.ts';

/** Full name of the envelope's Avro schema. A record's kind is this name, never a header and never a field. */
export const DELIVERY_SCHEMA_NAME = 'hookline.Delivery';

/**
 * The Avro schema of a delivery in the log, registered under the subject `<topic>-value` with compatibility
 * FULL_TRANSITIVE: the writer (ingest) is upgraded before its readers, and the log holds old records beside new
 * ones, so that any version must read any other. New fields therefore need a default.
 *
 * GitHub's signature is not in it on purpose: who can read the topic must not hold a pair of body and signature
 * that could be posted again.
 */
export const deliverySchema = {
  type: 'record',
  name: 'Delivery',
  namespace: 'hookline',
  doc: 'One verified GitHub webhook delivery, as it arrived.',
  fields: [
    { name: 'source', type: 'string', doc: 'Name of the configured source whose secret verified it.' },
    { name: 'dedupScope', type: 'string', doc: 'Scope within which GUID and digest identify the delivery.' },
    { name: 'guid', type: 'string', doc: 'X-GitHub-Delivery, lower case. Not covered by the signature.' },
    { name: 'digest', type: { type: 'fixed', name: 'Sha256', size: 32 }, doc: "SHA-256 of the JSON payload's bytes." },
    { name: 'event', type: 'string', doc: 'X-GitHub-Event. Not covered by the signature.' },
    { name: 'action', type: ['null', 'string'], default: null, doc: "The payload's action." },
    { name: 'repositoryId', type: ['null', 'string'], default: null, doc: 'Decimal digits: ids exceed 2^53.' },
    { name: 'hookId', type: ['null', 'string'], default: null, doc: 'X-GitHub-Hook-ID.' },
    { name: 'receivedAt', type: { type: 'long', logicalType: 'timestamp-millis' }, doc: 'When ingest had read it.' },
    { name: 'headers', type: { type: 'map', values: 'string' }, doc: "GitHub's headers without its signatures." },
    { name: 'secretLabel', type: 'string', doc: 'Label of the secret that verified it.' },
    {
      name: 'eventProblem',
      type: ['null', 'string'],
      default: null,
      doc: 'Why the event header cannot be that of this payload; null: it can be, or nobody has looked.',
    },
    { name: 'body', type: 'bytes', doc: 'The raw body, byte for byte, json or form encoded.' },
  ],
} as const;

/**
 * The schema under which a topic's deliveries are written: that of its key rule. A field without bytes tells them apart, so
 * that ingest learns from the registry, which it must ask anyhow, when it is configured for another rule than the topic's.
 * The value of a record is the same under either: an ingest that follows a seal only changes the id before it.
 */
export function deliverySchemaOf(rule: KeyRule): DeliverySchema {
  if (rule === DEFAULT_KEY_RULE) return deliverySchema;
  const mark = {
    name: `orderedBy${rule[0]?.toUpperCase()}${rule.slice(1)}`,
    type: 'null',
    default: null,
    doc: 'The key rule of the topic.',
  };
  return { ...deliverySchema, fields: [...deliverySchema.fields, mark] };
}

/** Any of them. */
type DeliverySchema = Omit<typeof deliverySchema, 'fields'> & { readonly fields: readonly object[] };

/** A delivery in the log. See {@link deliverySchema} for what each field is. */
export interface Delivery {
  source: string;
  dedupScope: string;
  guid: string;
  digest: Buffer;
  event: string;
  action: string | null;
  repositoryId: string | null;
  hookId: string | null;
  /** Milliseconds since the Unix epoch. */
  receivedAt: number;
  /** Lower-case header names. */
  headers: Record<string, string>;
  secretLabel: string;
  /** Why the event, which is not signed, cannot be that of this payload; null: it can be, or nobody has looked. */
  eventProblem: string | null;
  body: Buffer;
}

/** Kafka headers that repeat what tools filter by without decoding. Never trusted for a decision. */
export const RECORD_HEADERS = {
  guid: 'guid',
  event: 'event',
  source: 'source',
  traceparent: 'traceparent',
} as const;
