import type { Queryable } from '../database.ts';
import { errorFingerprint } from '../dead-letters/error-fingerprint.ts';
import type { DeadRun } from '../dead-letters/run-dead-again.ts';
import { writeDeadLetters, type DeadLetter } from '../dead-letters/write-dead-letters.ts';
import type { Fence } from '../fence.ts';
import { openLanes } from '../lanes/open-lanes.ts';
import type { LoggedDelivery } from '../logged-delivery.ts';
import { fenceOf } from './partitions.ts';

export const fence = fenceOf(3n, { incarnation: 2 });

/** Partitions other than that of {@link fence}: whatever is asked or done about its own must not see or touch them. */
export const OTHERS = [{ partition: 11 }, { consumerGroup: 'g' }, { topic: 't' }].map((given) => ({
  ...fence,
  ...given,
}));

export const at = (offset: bigint, incarnation = 2) => ({ incarnation, offset });

export function letter(handler: string | null, given: Partial<DeadLetter> = {}): DeadLetter {
  const reason = handler === null ? 'event-mismatch' : 'handler-failed';
  return { handler, reason, attempts: 10, ...errorFingerprint(new Error('no such label')), ...given };
}

export const redrive = (
  offset: bigint,
  orderingKey: string,
  handlers: string[],
  given: Partial<DeadRun> = {},
): DeadRun => ({
  run: 'redrive',
  orderingKey,
  place: at(offset),
  handlers,
  from: 'dead',
  seen: null,
  ...given,
});

/** What tests do to, and read of, what died. */
export function deadIn(database: Queryable) {
  return {
    /** Nothing is dead, and nothing waits. */
    clear: () =>
      database.query(
        'truncate hookline.dead_letters, hookline.dead_deliveries, hookline.lanes, hookline.lane_deliveries',
      ),

    /** Puts a dead delivery at its offset. */
    async die(
      record: LoggedDelivery,
      handlers: (string | null)[],
      { on = fence, incarnation = 2 }: { on?: Fence; incarnation?: number } = {},
    ): Promise<LoggedDelivery> {
      const place = { incarnation, offset: record.offset, time: record.time };
      const letters = handlers.map((handler) => letter(handler));
      await writeDeadLetters(database, on, [{ place, delivery: record, raw: null, letters }]);
      return record;
    },

    open: (keys: string[], on = fence) =>
      openLanes(
        database,
        on,
        keys.map((orderingKey) => ({ orderingKey, attempts: 0, kills: 0, deferrals: 0, dueInMs: 0, error: '' })),
      ),

    async letters(): Promise<Record<string, unknown>[]> {
      const { rows } = await database.query(
        'select handler, state, generation, attempts, settled_at from hookline.dead_letters order by dead_letter_id',
      );
      return rows;
    },

    erase: (offset: bigint) =>
      database.query(
        'update hookline.dead_deliveries set body = null, body_encoding = null, body_bytes = null where kafka_offset = $1',
        [offset],
      ),
  };
}
