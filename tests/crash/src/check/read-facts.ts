import { DELIVERY_SCHEMA_NAME } from '@hookline/contracts';
import type { Database } from '@hookline/database';
import { createSchemaRegistry, readTopic } from '@hookline/kafka';
import { logger, readEnds, type System } from '../system/system.ts';
import type { Ledger } from '../traffic/ledger.ts';
import type {
  AuditRow,
  Claim,
  DeadLetter,
  Effect,
  Facts,
  Lane,
  LogRecord,
  StaleEffect,
  StoredOffset,
  Takeover,
  Waiting,
} from './facts.ts';

const READ_MS = 60_000;
const milliseconds = (column: string): string => `(extract(epoch from ${column}) * 1000)::double precision`;
/** A topic that was made anew begins another incarnation: its offsets are others than those of before. */
const OF_THIS_LOG = 'join hookline.partition_offsets using (topic, kafka_partition, incarnation)';

/** Where a check begins, if not at the very beginning: after data was lost. */
export interface Mark {
  /** By partition, the first offset that counts; 0 for one that is not named. */
  from: ReadonlyMap<number, bigint>;
  /** The last row of the audit that does not. */
  auditId: bigint;
  restoredAt: number;
}

export const BEGINNING: Mark = { from: new Map(), auditId: 0n, restoredAt: 0 };

export async function readFacts(system: System, ledger: Ledger, mark: Mark = BEGINNING): Promise<Facts> {
  const log = await readLog(system, mark);
  const tables = await readTables(system.database, mark);
  const counts = (row: { partition: number; offset: bigint }): boolean =>
    row.offset >= (mark.from.get(row.partition) ?? 0n);
  return {
    from: mark.from,
    restoredAt: mark.restoredAt,
    ledger: [...ledger.values()],
    log,
    ...tables,
    claims: tables.claims.filter(counts),
    deadLetters: tables.deadLetters.filter(counts),
  };
}

async function readLog(system: System, { from }: Mark): Promise<LogRecord[]> {
  const { topic, stack } = system;
  const { brokers, registryUrl } = stack.addresses;
  const registry = createSchemaRegistry({ url: registryUrl, timeoutMs: 10_000, topic }, logger);
  const range = { topic, from, to: await readEnds(system), timeoutMs: READ_MS };
  const records: LogRecord[] = [];
  for (const { partition, offset, key, value } of await readTopic({ brokers, clientId: 'crash' }, logger, range)) {
    const decoded = registry.decodeCached(value) ?? (await registry.decode(value));
    const delivery =
      decoded.success && decoded.kind === DELIVERY_SCHEMA_NAME
        ? {
            key: String(key),
            guid: decoded.delivery.guid,
            digest: decoded.delivery.digest.toString('hex'),
            event: decoded.delivery.event,
          }
        : null;
    records.push({ partition, offset, delivery });
  }
  return records;
}

async function readTables(
  database: Database,
  { auditId }: Mark,
): Promise<Omit<Facts, 'from' | 'restoredAt' | 'ledger' | 'log'>> {
  const read = async <T>(
    text: string,
    convert: (row: Record<string, unknown>) => T,
    values: unknown[] = [],
  ): Promise<T[]> => (await database.query(text, values)).rows.map(convert);
  const big = (value: unknown): bigint => BigInt(value as string);
  return {
    offsets: await read(
      'select kafka_partition as partition, next_offset, epoch from hookline.partition_offsets order by 1',
      (row) => ({ ...(row as unknown as StoredOffset), nextOffset: big(row['next_offset']), epoch: big(row['epoch']) }),
    ),
    audit: await read(
      `select audit_id, stage, decision, kafka_partition as partition, kafka_offset, epoch, ordering_key as key,
              handler, attempt, detail
         from hookline.audit_log where audit_id > $1 order by audit_id`,
      (row) => ({
        ...(row as unknown as AuditRow),
        id: big(row['audit_id']),
        offset: row['kafka_offset'] === null ? null : big(row['kafka_offset']),
        epoch: big(row['epoch']),
      }),
      [auditId],
    ),
    effects: await read(
      `select effect_id, handler, ordering_key as key, nth, guid, kafka_partition as partition, kafka_offset,
              written_as as "writtenAs"
         from crash.effects order by effect_id`,
      (row) => ({
        ...(row as unknown as Effect),
        id: big(row['effect_id']),
        nth: big(row['nth']),
        offset: big(row['kafka_offset']),
      }),
    ),
    staleEffects: await read(
      'select kafka_partition as partition, kafka_offset, written_as as "writtenAs" from crash.stale_effects',
      (row) => ({ ...(row as unknown as StaleEffect), offset: big(row['kafka_offset']) }),
    ),
    takeovers: await read('select kafka_partition as partition, epoch from crash.takeovers', (row) => ({
      ...(row as unknown as Takeover),
      epoch: big(row['epoch']),
    })),
    claims: await read(
      `select guid, encode(digest, 'hex') as digest, kafka_partition as partition, kafka_offset, outcome,
              ${milliseconds('claimed_at')} as "claimedAt"
         from hookline.processed_deliveries ${OF_THIS_LOG}`,
      (row) => ({ ...(row as unknown as Claim), offset: big(row['kafka_offset']) }),
    ),
    lanes: await read('select ordering_key as key, state, records from hookline.lanes order by 1', (row) => ({
      ...(row as unknown as Lane),
      records: big(row['records']),
    })),
    waiting: await read(
      `select kafka_partition as partition, kafka_offset, ordering_key as key, last_run as "lastRun"
         from hookline.lane_deliveries`,
      (row) => ({ ...(row as unknown as Waiting), offset: big(row['kafka_offset']) }),
    ),
    deadLetters: await read(
      `select kafka_partition as partition, kafka_offset, handler, reason, attempts, state,
              ${milliseconds('settled_at')} as "settledAt"
         from hookline.dead_letters ${OF_THIS_LOG}`,
      (row) => ({ ...(row as unknown as DeadLetter), offset: big(row['kafka_offset']) }),
    ),
  };
}
