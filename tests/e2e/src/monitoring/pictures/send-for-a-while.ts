import { setTimeout as delay } from 'node:timers/promises';
import { githubDelivery, type GithubDelivery } from '../../traffic/github-delivery.ts';
import { seededRandom } from '../../traffic/random.ts';
import { createSender } from '../../traffic/sender.ts';

const REPOSITORIES = 60;
const ROUND_MS = 250;
const FEWEST = 2;
const MOST = 14;
/** Rounds from one high tide to the next. */
const TIDE = 240;

/**
 * Posts deliveries for that long, more and fewer of them as a day has it, and resolves to how many. Among them are some that
 * were sent before, are signed wrongly, fail in a handler, or are unwanted where they are forwarded to.
 */
export async function sendForAWhile(url: string, ms: number): Promise<number> {
  const random = seededRandom(7);
  const sender = createSender();
  const until = performance.now() + ms;
  let last: GithubDelivery | undefined;
  for (let round = 0; performance.now() < until; round++) {
    const tide = (1 - Math.cos((2 * Math.PI * round) / TIDE)) / 2;
    const count = FEWEST + Math.round((MOST - FEWEST) * tide);
    const deliveries = Array.from({ length: count }, () => one(random, last));
    const next = delay(ROUND_MS);
    await sender.postAll(
      deliveries.map((delivery) => ({ delivery, url })),
      8,
    );
    last = deliveries[0];
    await next;
  }
  sender.close();
  return sender.answers.length;
}

function one(random: () => number, before: GithubDelivery | undefined): GithubDelivery {
  const chance = random();
  const repository = 1000 + Math.floor(random() * REPOSITORIES);
  if (chance < 0.03 && before) return before;
  if (chance < 0.05) {
    const forged = githubDelivery(repository);
    return { ...forged, headers: { ...forged.headers, 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` } };
  }
  if (chance < 0.055) return githubDelivery(repository, { fails: true });
  return githubDelivery(repository, chance < 0.06 ? { unwanted: true } : {});
}
