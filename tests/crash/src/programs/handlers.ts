import type { HandledDelivery, Handler, HandlerContext, HandlerDatabase } from '@hookline/handlers';
import { EFFECT, HANDLED_EVENTS, PROJECT, type Behaviour, type HandlerName } from './behaviour.ts';
import type { Control } from './control.ts';
import { misbehave } from './misbehave.ts';

/**
 * Both note each delivery in `crash.effects`, numbered per key: whoever runs twice, out of order, or under a stale epoch
 * is seen there, because nothing in that table forbids it.
 */
export function createHandlers(control: Control): Handler[] {
  return [
    {
      kind: 'delivery',
      name: EFFECT,
      on: [...HANDLED_EVENTS[EFFECT]],
      async run(delivery, context) {
        await obey(delivery, EFFECT, context);
        await note(context.db, EFFECT, [delivery]);
        await control.reach('in-handler');
        useLate(delivery, context.db);
      },
    },
    {
      kind: 'slice',
      name: PROJECT,
      on: [...HANDLED_EVENTS[PROJECT]],
      async runSlice(deliveries, context) {
        for (const delivery of deliveries) await obey(delivery, PROJECT, context);
        await note(context.db, PROJECT, deliveries);
      },
    },
  ];
}

function behaviourOf(delivery: HandledDelivery): Behaviour | undefined {
  return (delivery.payload as { crash?: Behaviour }).crash;
}

async function obey(delivery: HandledDelivery, handler: HandlerName, context: HandlerContext): Promise<void> {
  const behaviour = behaviourOf(delivery);
  if (!behaviour || behaviour.in !== handler) return;
  if (behaviour.until !== null && performance.timeOrigin + performance.now() >= behaviour.until) return;
  await misbehave(behaviour.does, context);
}

/** Must be refused: it would write a second effect. */
function useLate(delivery: HandledDelivery, db: HandlerDatabase): void {
  if (behaviourOf(delivery)?.does !== 'late') return;
  setImmediate(() => void note(db, EFFECT, [delivery]).catch(() => {}));
}

async function note(db: HandlerDatabase, handler: HandlerName, deliveries: readonly HandledDelivery[]): Promise<void> {
  await db.query(
    `with asked as (
            select *, row_number() over (partition by ordering_key order by ordinal) as nth
              from unnest($2::text[], $3::uuid[], $4::integer[], $5::bigint[]) with ordinality
                as asked (ordering_key, guid, kafka_partition, kafka_offset, ordinal)),
          counted as (
            insert into crash.counters as counters (handler, ordering_key, effects)
            select $1, ordering_key, count(*) from asked group by ordering_key order by ordering_key
            on conflict (handler, ordering_key) do update set effects = counters.effects + excluded.effects
            returning ordering_key, effects)
     insert into crash.effects (handler, ordering_key, nth, guid, kafka_partition, kafka_offset, written_as)
     select $1, ordering_key, effects - count(*) over (partition by ordering_key) + nth, guid, kafka_partition,
            kafka_offset, current_setting('application_name')
       from asked join counted using (ordering_key) order by ordinal`,
    [
      handler,
      deliveries.map(({ orderingKey }) => orderingKey),
      deliveries.map(({ guid }) => guid),
      deliveries.map(({ partition }) => partition),
      deliveries.map(({ offset }) => offset),
    ],
  );
}
