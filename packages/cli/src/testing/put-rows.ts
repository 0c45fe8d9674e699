import { createHash } from 'node:crypto';
import { storedBytes, type Queryable } from '@hookline/database';

/** Rows as a processor leaves them; tests put them there by hand, so that each state is there for certain. */
export type Row = Record<string, unknown>;

export const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** A GUID that ends with this number. */
export const guid = (number: number): string => `5d1b2c00-0000-4000-8000-${String(number).padStart(12, '0')}`;

const PLACE = { consumer_group: 'hookline-processor', topic: 'github.deliveries', kafka_partition: 3, incarnation: 1 };
const BODY = '{"action":"opened","zen":"Größe"}';
const stored = storedBytes(Buffer.from(BODY));

const DELIVERY = {
  ordering_key: 'github.com/repository/7',
  source: 'main',
  dedup_scope: 'main',
  guid: guid(1),
  digest: sha256(BODY),
  event: 'issues',
  action: 'opened',
};
const KEPT = {
  ...PLACE,
  ...DELIVERY,
  kafka_offset: 10,
  appended_at: new Date('2026-01-01T00:00:01Z'),
  repository_id: '7',
  hook_id: '2',
  received_at: new Date('2026-01-01T00:00:00Z'),
  headers: { 'content-type': 'application/json' },
  secret_label: 'current',
  body: stored.bytes,
  body_encoding: stored.encoding,
  body_bytes: Buffer.byteLength(BODY),
};
const { consumer_group: _, ...LOGGED } = PLACE;

/** The id of an effect that ends with this number. */
export const effectId = (number: number): string => `9d1f0c52-0000-8000-8000-${String(number).padStart(12, '0')}`;

const EFFECT = {
  effect_id: effectId(1),
  ordering_key: DELIVERY.ordering_key,
  queue: '',
  kind: 'github.comment',
  handler: 'welcome',
  effect_key: '#0',
  dedup_scope: 'main',
  guid: guid(1),
  digest: DELIVERY.digest,
  repository_id: '7',
};

const DEFAULTS = {
  audit_log: { ...LOGGED, ...DELIVERY, kafka_offset: 10, epoch: 1, stage: 'log', received_at: KEPT.received_at },
  processed_deliveries: {
    ...LOGGED,
    kafka_offset: 10,
    guid: guid(1),
    digest: DELIVERY.digest,
    dedup_scope: 'main',
    event: 'issues',
  },
  lanes: { ...PLACE, ordering_key: DELIVERY.ordering_key, due_at: new Date(), incarnation: undefined },
  lane_deliveries: { ...KEPT, position: 0 },
  held_deliveries: {
    ...KEPT,
    reason: 'suspected-replay',
    known_guid: guid(1),
    known_event: 'issues',
    seen_incarnation: 1,
    seen_offset: 10,
  },
  dead_deliveries: KEPT,
  dead_letters: {
    ...PLACE,
    kafka_offset: 10,
    handler: 'welcome',
    reason: 'handler-failed',
    attempts: 10,
    error_fingerprint: 'aaaaaaaaaaaaaaaa',
    error_message: 'no such label',
    error_stack: 'Error: no such label\n    at welcome (/app/handlers.ts:3:1)',
  },
  outbox: {
    ...PLACE,
    ...EFFECT,
    source: 'main',
    event: 'issues',
    action: 'opened',
    kafka_offset: 10,
    request: { body: 'Thanks!' },
  },
  settled_effects: {
    ...PLACE,
    ...EFFECT,
    incarnation: undefined,
    outcome: 'sent',
    attempts: 1,
    created_at: new Date(),
  },
  control_commands: {
    ...LOGGED,
    consumer_group: PLACE.consumer_group,
    target: {},
    actor: 'ada',
    why: 'it was fixed',
    via: 'log',
    kafka_offset: 20,
    outcome: 'applied',
    outcome_detail: 'done',
    settled_at: new Date(),
  },
  partition_offsets: { ...PLACE, next_offset: 100, epoch: 1, owner: 'test' },
} as const satisfies Record<string, Row>;

/** Puts a row like the usual one of its table, but for what is given. */
export async function put(database: Queryable, table: keyof typeof DEFAULTS, given: Row = {}): Promise<void> {
  const row = Object.entries({ ...DEFAULTS[table], ...given }).filter(([, value]) => value !== undefined);
  await database.query(
    `insert into hookline.${table} (${row.map(([column]) => column).join(', ')})
     values (${row.map((_column, i) => `$${i + 1}`).join(', ')})`,
    row.map(([, value]) => value),
  );
}
