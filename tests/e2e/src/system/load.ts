import { setTimeout as delay } from 'node:timers/promises';
import { githubDelivery, type GithubDelivery } from '../traffic/github-delivery.ts';
import { createSender } from '../traffic/sender.ts';

/** Between two deliveries of a repository, unless it is said: a load that leaves room for those who are to be watched under it. */
const PACE_MS = 25;

/**
 * Of what was answered 503 and sent again: it is in the log, and processed. A delivery that is new is not answered so.
 */
const IN_THE_LOG = 409;

/** Repositories that each have their deliveries posted one after another, each when the one before was accepted. */
export interface Load {
  /** What was accepted, by ordering key, in the order of the answers. */
  accepted: ReadonlyMap<string, GithubDelivery[]>;
  /** Everything that was accepted. */
  count(): number;
  /** Answers of another status, by status; such a delivery is sent again until it is accepted. */
  refused: ReadonlyMap<number, number>;
  /** Resolves when all that is on its way now is answered. */
  answered(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * @param urls each delivery goes to the next one of these
 * @param payload of the nth delivery of a repository
 * @param paceMs between two deliveries of a repository; default 25
 */
export function startLoad(
  urls: readonly string[],
  repositories: readonly number[],
  payload: (repository: number, nth: number) => object,
  paceMs = PACE_MS,
): Load {
  const sender = createSender();
  const accepted = new Map<string, GithubDelivery[]>();
  const refused = new Map<number, number>();
  const onTheWay = new Set<Promise<number>>();
  let stopping = false;
  let next = 0;

  async function send(delivery: GithubDelivery): Promise<number> {
    const sending = sender.post({ delivery, url: urls[next++ % urls.length] as string });
    onTheWay.add(sending);
    return sending.finally(() => onTheWay.delete(sending));
  }

  async function post(repository: number): Promise<void> {
    for (let nth = 0; !stopping; nth++) {
      const delivery = githubDelivery(repository, payload(repository, nth));
      const ours = accepted.get(delivery.key) ?? [];
      accepted.set(delivery.key, ours);
      for (let tries = 1; ; tries++) {
        const status = await send(delivery);
        if (status === 202 || (tries > 1 && status === IN_THE_LOG)) break;
        refused.set(status, (refused.get(status) ?? 0) + 1);
        await delay(paceMs);
      }
      ours.push(delivery);
      await delay(paceMs);
    }
  }
  const posting = Promise.all(repositories.map(post));
  return {
    accepted,
    refused,
    async answered() {
      await Promise.all(onTheWay);
    },
    count: () => [...accepted.values()].reduce((sum, { length }) => sum + length, 0),
    async stop() {
      stopping = true;
      await posting;
      sender.close();
    },
  };
}
