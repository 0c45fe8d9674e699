// The least that can send each post once: that an attempt begins is recorded before it does, and that it was taken behind
// it, many at once, each time in one transaction. Nothing else of what a relay does: no leases, so that it must be the only
// one that sends; no order, no limits, no deadlines, no audit, and nothing is tried again.
import { prepared } from '@hookline/database';
import '../../programs/leave-usage.ts';
import { openDatabase } from '../open-database.ts';
import { AT_ONCE, postAll, waitingPosts, type WaitingPost } from '../outbox-posts.ts';

const BEGIN = prepared(
  `update hookline.outbox
      set state = 'sending', attempts = attempts + 1, total_attempts = total_attempts + 1,
          attempt_started_at = clock_timestamp(), attempt_ends_at = clock_timestamp() + interval '30 s'
    where effect_id = any ($1::uuid[])`,
);
const SETTLE = prepared(
  `with sent as (
     delete from hookline.outbox where effect_id = any ($1::uuid[]) returning *
   )
   insert into hookline.settled_effects
          (effect_id, consumer_group, topic, kafka_partition, ordering_key, queue, kind, handler, effect_key, dedup_scope,
           guid, digest, repository_id, created_at, outcome, result, attempts)
   select effect_id, consumer_group, topic, kafka_partition, ordering_key, queue, kind, handler, effect_key, dedup_scope,
          guid, digest, repository_id, created_at, 'sent', '{"status":204}', total_attempts
     from sent`,
);

const database = openDatabase(4);
const [recorder, settler] = await Promise.all([database.acquire(), database.acquire()]);
process.once('SIGTERM', () => process.exit(0));

async function recordBegun(posts: readonly WaitingPost[]): Promise<readonly WaitingPost[]> {
  await recorder.query(BEGIN, [posts.map((one) => one.effect_id)]);
  return posts;
}

/** As many as are sent at once are recorded together, while those before them are sent. */
async function* begun(): AsyncGenerator<WaitingPost> {
  let before: Promise<readonly WaitingPost[]> = Promise.resolve([]);
  let next: WaitingPost[] = [];
  for await (const one of waitingPosts(database)) {
    next.push(one);
    if (next.length < AT_ONCE) continue;
    yield* await before;
    before = recordBegun(next);
    next = [];
  }
  yield* await before;
  yield* await recordBegun(next);
}

const sent: string[] = [];
let isSettling = false;

/** What was sent meanwhile is written together. */
async function settleAll(): Promise<void> {
  isSettling = true;
  while (sent.length > 0) await settler.query(SETTLE, [sent.splice(0)]);
  isSettling = false;
}

await postAll(begun(), (effectId) => {
  sent.push(effectId);
  if (!isSettling) void settleAll();
});
