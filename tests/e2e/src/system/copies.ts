import { setTimeout as delay } from 'node:timers/promises';
import { underGuid, type GithubDelivery } from '../traffic/github-delivery.ts';
import { createSender } from '../traffic/sender.ts';
import type { Load } from './load.ts';

const PACE_MS = 20;
/** So many redeliveries for each captured body. */
const PER_CAPTURED = 7;

/** What comes again of a load. */
export interface Copies {
  /** Bodies that were captured, each under a GUID of its own, and accepted. */
  captured: readonly GithubDelivery[];
  stop(): Promise<void>;
}

/**
 * Has deliveries of a load come again, spread over all of them: most as they were, at the next of these places, others
 * with their body under another GUID. So far as these are accepted, they are held: they are behind the genuine one.
 */
export function startCopies(load: Load, urls: readonly string[]): Copies {
  const sender = createSender();
  const captured: GithubDelivery[] = [];
  let stopping = false;

  async function send(): Promise<void> {
    for (let nth = 0; !stopping; nth++) {
      await delay(PACE_MS);
      const repositories = [...load.accepted.values()].filter(({ length }) => length > 0);
      const accepted = repositories[nth % repositories.length];
      const delivery = accepted?.[(nth * 7) % accepted.length];
      if (!delivery) continue;
      const url = urls[nth % urls.length] as string;
      if (nth % PER_CAPTURED > 0) {
        await sender.post({ delivery, url });
        continue;
      }
      const copy = underGuid(delivery);
      if ((await sender.post({ delivery: copy, url })) === 202) captured.push(copy);
    }
  }
  const sending = send();
  return {
    captured,
    async stop() {
      stopping = true;
      await sending;
      sender.close();
    },
  };
}
