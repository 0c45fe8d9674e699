import type { HandledDelivery, Handler, SliceContext, HandlerDatabase } from '@hookline/handlers';
import { EFFECT, HANDLED_EVENTS, PROJECT, type Behaviour, type HandlerName, type Misdeed } from './behaviour.ts';
import { createEffectsAsker } from './ask-effects.ts';
import type { Control } from './control.ts';
import { misbehave, misbehaveLast } from './misbehave.ts';

/**
 * Both note each delivery in `crash.effects`, numbered per key: whoever runs twice, out of order, or under a stale epoch
 * is seen there, because nothing in that table forbids it.
 */
export function createHandlers(control: Control): Handler[] {
  const asker = createEffectsAsker();
  return [
    {
      kind: 'delivery',
      name: EFFECT,
      on: [...HANDLED_EVENTS[EFFECT]],
      async run(delivery, context) {
        asker.ask(delivery, context.effects);
        await asker.note(delivery, context.db);
        await handle(EFFECT, [delivery], context, control);
      },
    },
    {
      kind: 'slice',
      name: PROJECT,
      on: [...HANDLED_EVENTS[PROJECT]],
      runSlice: (deliveries, context) => handle(PROJECT, deliveries, context, control),
    },
  ];
}

async function handle(
  handler: HandlerName,
  deliveries: readonly HandledDelivery[],
  context: SliceContext,
  { reach }: Control,
): Promise<void> {
  for (const delivery of deliveries) {
    const misdeed = misdeedOf(delivery, handler);
    if (misdeed) await misbehave(misdeed, context);
  }
  await note(context.db, handler, deliveries);
  await reach('in-handler');
  for (const delivery of deliveries) {
    const misdeed = misdeedOf(delivery, handler);
    if (misdeed) await misbehaveLast(misdeed, context, () => note(context.db, handler, [delivery]));
  }
}

/** What a delivery tells this handler to do, at this time. The wall's clock may have jumped: it is not asked. */
function misdeedOf({ payload }: HandledDelivery, handler: HandlerName): Misdeed | null {
  const { crash } = payload as { crash?: Behaviour };
  if (crash?.in !== handler) return null;
  return crash.until !== null && performance.timeOrigin + performance.now() >= crash.until ? null : crash.does;
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
