import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import type { LogPlace } from '../find-identities.ts';

/** Dead handlers of deliveries have run after all: their letters, which waited for it, are settled. One round trip. */
export async function noteRedriven(
  tx: Queryable,
  fence: Fence,
  runs: readonly { place: LogPlace; handlers: readonly string[] }[],
): Promise<void> {
  const letters = runs.flatMap(({ place, handlers }) => handlers.map((handler) => ({ ...place, handler })));
  if (letters.length === 0) return;
  await tx.query(
    `update hookline.dead_letters letter
        set state = 'redriven', settled_at = now()
       from unnest($4::integer[], $5::bigint[], $6::text[]) as ran (incarnation, kafka_offset, handler)
      where letter.consumer_group = $1 and letter.topic = $2 and letter.kafka_partition = $3
        and letter.incarnation = ran.incarnation and letter.kafka_offset = ran.kafka_offset
        and letter.handler = ran.handler and letter.state = 'waiting'`,
    [
      fence.consumerGroup,
      fence.topic,
      fence.partition,
      letters.map(({ incarnation }) => incarnation),
      letters.map(({ offset }) => offset),
      letters.map(({ handler }) => handler),
    ],
  );
}
