import { partitionOf } from '@hookline/contracts';
import { withSchemaId, type AppendResult, type DeliveryLog, type LogRecord } from '@hookline/kafka';
import type { Clock } from '@hookline/runtime';
import type { Attempts } from '../keep-trying.ts';

/** The topic generation after the configured one. */
export interface NextGeneration {
  log: DeliveryLog;
  partitions: number;
  /** Id of the envelope's schema under the next topic's subject, which the registry may not have told yet. */
  schemaId: Pick<Attempts<number>, 'value' | 'valueWithin'>;
}

/** A record for whichever of the two takes it. */
export interface FollowedRecord extends LogRecord {
  /** Its key by the key rule of the next one. */
  nextKey: string;
}

/** Where a record is appended, and under which key where that is not the one that was given. */
export type FollowedAppend = AppendResult & { key?: string };

export interface FollowedLog extends Omit<DeliveryLog, 'append'> {
  append(record: FollowedRecord): Promise<FollowedAppend>;
}

/**
 * The log of two topic generations. A record goes to the next one only when its own partition of the present one has
 * refused it for good: each partition by itself, because another ingest may still append to one that is not sealed yet,
 * and a key must not have records in the new topic before its last one in the old. Nobody has to be asked, and no database.
 *
 * @param deadlineMs from `append()` to its answer, over both
 */
export function followSeal(
  present: DeliveryLog,
  next: NextGeneration,
  { deadlineMs, clock }: { deadlineMs: number; clock: Clock },
): FollowedLog {
  let moving = false;

  async function appendToNext({ nextKey: key, ...record }: FollowedRecord, startedAt: number): Promise<FollowedAppend> {
    moving = true;
    const left = () => deadlineMs - (clock.monotonic() - startedAt);
    // It is asked for again and again since the start, and can have been registered a moment before the seal.
    const schemaId = await next.schemaId.valueWithin(left());
    if (schemaId === undefined) return unavailable('the schema registry has not answered yet');
    const appended = await withDeadline(
      next.log.append({
        ...record,
        key,
        partition: partitionOf(key, next.partitions),
        value: withSchemaId(record.value, schemaId),
      }),
      left(),
    );
    return { ...appended, key };
  }

  return {
    async start() {
      await Promise.all([present.start(), next.log.start()]);
    },
    async append(record) {
      const startedAt = clock.monotonic();
      const appended = await present.append(record);
      return appended.success || appended.reason !== 'SEALED' ? appended : await appendToNext(record, startedAt);
    },
    async stop() {
      // In this order: what the one refuses goes to the other.
      await present.stop();
      await next.log.stop();
    },
    readiness() {
      const ready = present.readiness();
      if (ready !== true || !moving) return ready;
      if (next.schemaId.value() === undefined)
        return 'the schema registry has not told the schema of the next topic generation';
      return next.log.readiness();
    },
  };
}

/** It may be in the log when the time is up. */
async function withDeadline(appending: Promise<AppendResult>, ms: number): Promise<AppendResult> {
  const late = Promise.withResolvers<AppendResult>();
  const timer = setTimeout(
    () => late.resolve(unavailable('not acknowledged in time, after the present one had ended')),
    Math.max(0, ms),
  );
  try {
    return await Promise.race([appending, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function unavailable(why: string): AppendResult {
  return { success: false, reason: 'UNAVAILABLE', detail: `The next topic generation: ${why}.` };
}
