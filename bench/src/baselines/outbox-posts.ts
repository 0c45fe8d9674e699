import { Agent, request } from 'node:http';
import type { Database } from '@hookline/database';

/** A post that waits in the outbox. */
export interface WaitingPost extends Record<string, unknown> {
  effect_id: string;
  request: { url: string; body: string };
}

/** Posts under way at once: as many as a relay has at one target. */
export const AT_ONCE = 64;
const PAGE = 1000;

const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });

/** All that was there when it began, in pages. */
export async function* waitingPosts(database: Database): AsyncGenerator<WaitingPost> {
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const { rows: page } = await database.query<WaitingPost>(
      'select effect_id, request from hookline.outbox where effect_id > $1 order by effect_id limit $2',
      [after, PAGE],
    );
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.effect_id ?? after;
  }
}

/** Resolves when it was answered. */
function post({ effect_id: key, request: { url, body } }: WaitingPost): Promise<void> {
  const headers = { 'content-type': 'application/json', 'content-length': body.length, 'idempotency-key': key };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume().once('end', resolve);
    });
    outgoing.once('error', reject).end(body);
  });
}

/** Posts all, {@link AT_ONCE} of them at once. */
export async function postAll(
  posts: AsyncGenerator<WaitingPost>,
  hasPosted: (effectId: string) => void = () => {},
): Promise<void> {
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = await posts.next(); !next.done; next = await posts.next()) {
        await post(next.value);
        hasPosted(next.value.effect_id);
      }
    }),
  );
}
