import type { Misdeed } from '../programs/behaviour.ts';
import { EFFECT, PROJECT, type HandlerName } from '../programs/behaviour.ts';
import type { Random } from '../random.ts';

/** One delivery that is to be sent. */
export interface Planned {
  guid: string;
  repository: number;
  event: string;
  /** What its handler does instead of its work; for so many milliseconds from its first sending, null: always. */
  misdeed: { does: Misdeed; in: HandlerName; forMs: number | null; outlasts?: true } | null;
  /** It is sent again after it was accepted, as GitHub does at the press of a button: milliseconds after the answer before. */
  redeliverAfterMs: readonly number[];
  /** Bytes of filling in its payload. */
  filling: number;
}

/** Deliveries that misbehave, all of a kind. */
export interface Poison {
  does: Misdeed;
  /** Default: whichever. */
  in?: HandlerName;
  forMs: number | null;
  /** How many deliveries. */
  deliveries: number;
  /** Over how many repositories. */
  repositories: number;
  /** It goes on for longer than attempts may last, and then ends: what is dead can be redriven. */
  outlasts?: true;
  /** One after another, instead of among all others. */
  burst?: true;
}

/** How many of the deliveries are sent again, from 0 to 1, and how much later at the most, in milliseconds. */
export interface Redelivery {
  share: number;
  latestMs: number;
}

export interface PlanSettings {
  deliveries: number;
  repositories: number;
  poisons: readonly Poison[];
  redelivery?: Redelivery;
}

const SOME: Redelivery = { share: 0.06, latestMs: 1500 };

/** Repositories of poison have numbers of their own, so that innocents are known by theirs. */
const FIRST_POISONED = 900_000;

export const isPoisoned = (repository: number): boolean => repository >= FIRST_POISONED;

/** Everything that a round sends, in the order of sending. */
export function planTraffic(
  random: Random,
  { deliveries, repositories, poisons, redelivery = SOME }: PlanSettings,
): Planned[] {
  const ordinary = ordinaryOf(redelivery);
  const plan = Array.from({ length: deliveries }, () => ordinary(random, 1000 + skewed(random, repositories)));
  const inserts: { at: number; planned: Planned }[] = [];
  let first = FIRST_POISONED;
  for (const poison of poisons) {
    const latest = Math.floor(deliveries * 0.8);
    const burstAt = poison.burst ? random.integer(0, latest) : null;
    for (let i = 0; i < poison.deliveries; i += 1) {
      const repository = first + (i % poison.repositories);
      const handler = poison.in ?? random.pick([EFFECT, PROJECT]);
      const { does, forMs, outlasts } = poison;
      const misdeed = { does, in: handler, forMs, ...(outlasts && { outlasts }) };
      const at = burstAt ?? random.integer(0, latest);
      // What has failed is what people send again.
      const redeliverAfterMs = random.chance(0.3) ? again(random, redelivery) : [];
      const planned = { ...ordinary(random, repository), event: 'issues', misdeed, redeliverAfterMs };
      inserts.push({ at, planned });
      // What comes behind it must wait behind it.
      for (let behind = random.integer(1, 4); behind > 0; behind -= 1) {
        inserts.push({ at: at + random.integer(1, 100), planned: ordinary(random, repository) });
      }
    }
    first += poison.repositories;
  }
  for (const { at, planned } of inserts.sort((a, b) => b.at - a.at)) plan.splice(at, 0, planned);
  return plan;
}

const ordinaryOf =
  (redelivery: Redelivery) =>
  (random: Random, repository: number): Planned => ({
    guid: random.uuid(),
    repository,
    event: random.chance(0.8) ? 'issues' : random.pick(['push', 'star', 'fork']),
    misdeed: null,
    redeliverAfterMs: random.chance(redelivery.share) ? again(random, redelivery) : [],
    filling: random.chance(0.02) ? random.integer(5_000, 60_000) : random.integer(0, 1500),
  });

/** At once, so that it comes into the log again; or later, so that it is known to have been processed. */
function again(random: Random, { latestMs }: Redelivery): number[] {
  return Array.from({ length: random.integer(1, 2) }, () => (random.chance(0.5) ? 0 : random.integer(200, latestMs)));
}

/** A few repositories have most of the deliveries. */
function skewed(random: Random, repositories: number): number {
  return Math.floor(random.next() ** 2 * repositories);
}
