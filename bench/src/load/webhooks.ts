import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { newWebhook, type Webhook } from './deliveries.ts';

const TICK_MS = 2;
/** What is answered 503 is posted again, as somebody would redeliver it: both sides are to get the same work done. */
const TRY_AGAIN_MS = 100;
const MAX_TRIES = 100;

/**
 * Posts a webhook for each of the repositories, so many a second whether or not the earlier ones have been answered:
 * a slow system gets no fewer of them, as GitHub would have it. Rejects on any answer but 202 and 503.
 */
export async function postSteadily(url: string, repositories: Iterator<number>, perSecond: number): Promise<void> {
  await withPost(url, async (post) => {
    const startedAt = performance.now();
    const posted: Promise<void>[] = [];
    for (;;) {
      const due = Math.floor(((performance.now() - startedAt) / 1000) * perSecond);
      while (posted.length < due) {
        const next = repositories.next();
        if (next.done) return Promise.all(posted);
        posted.push(post(next.value));
        // Told when all are awaited; until then it must not count as nobody's.
        posted.at(-1)?.catch(() => {});
      }
      await delay(TICK_MS);
    }
  });
}

/** Posts a webhook for each of the repositories, so many at once, each as soon as one has been answered. */
export async function postAtOnce(url: string, repositories: Iterator<number>, concurrency: number): Promise<void> {
  await withPost(url, (post) => {
    const work = async (): Promise<void> => {
      for (let next = repositories.next(); !next.done; next = repositories.next()) await post(next.value);
    };
    return Promise.all(Array.from({ length: concurrency }, work));
  });
}

async function withPost(url: string, work: (post: (repository: number) => Promise<void>) => Promise<unknown>) {
  const agent = new Agent({ keepAlive: true });
  try {
    await work(async (repository) => {
      const webhook = newWebhook(repository);
      for (let tries = 1; ; tries += 1) {
        const status = await postOnce(url, webhook, agent);
        if (status === 202) return;
        // The load is not what it was meant to be, and neither is what was measured.
        if (status !== 503 || tries === MAX_TRIES) throw new Error(`A webhook was answered ${status}.`);
        await delay(TRY_AGAIN_MS);
      }
    });
  } finally {
    agent.destroy();
  }
}

function postOnce(url: string, { headers, body }: Webhook, agent: Agent): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: 'POST', agent, headers }, (incoming) => {
      incoming.resume().once('end', () => resolve(incoming.statusCode));
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}
