import { effectsOf, isPush, isTaken, issueOf, WAVES, type EffectsObservation } from '../effects/run-effects.ts';
import { atMost, exactly, type Row } from './row.ts';

const SECTION = 'Effects: comments, jobs, forwards; each delivery came three times, the relay was killed twice';

/** What became of effects that left the database. */
export function sentEffectRows({ plan, exchanges, kills, sent, left, ...seen }: EffectsObservation): Row[] {
  const deliveries = plan.waves.flat(2);
  const pushes = deliveries.filter(isPush);
  const issues = new Set(deliveries.filter((one) => !isPush(one)).map(issueOf));
  const once = [...issues].filter((issue) => seen.comments.get(issue) === 1);
  const keys = new Set(seen.forwarded.map(({ idempotencyKey }) => idempotencyKey));
  const firsts = firstsOf(seen.forwarded);
  const lanes = plan.waves[0]?.map((_, repository) => plan.waves.flatMap((wave) => wave[repository] ?? [])) ?? [];
  const inOrder = (guids: readonly string[]): number =>
    lanes.filter((lane) => {
      const asked = lane.filter(isPush).map(({ guid }) => guid);
      return guids.filter((guid) => asked.includes(guid)).join() === asked.join();
    }).length;
  return [
    exactly(SECTION, 'deliveries accepted, or known', 3 * deliveries.length, exchanges.filter(isTaken).length),
    exactly(SECTION, 'times that the relay was killed', WAVES, kills),
    exactly(
      SECTION,
      'effects sent',
      effectsOf(deliveries),
      [...sent.values()].reduce((sum, n) => sum + n, 0),
    ),
    exactly(SECTION, 'effects left', 0, left),
    exactly(SECTION, 'issues with exactly one comment', issues.size, once.length),
    exactly(SECTION, 'comments made twice', 0, seen.doubled),
    exactly(SECTION, "requests and replies that are not GitHub's", 0, seen.mismatches),
    exactly(SECTION, 'jobs done, each once', pushes.length, new Set(seen.synced.map(({ guid }) => guid)).size),
    exactly(SECTION, 'jobs done twice', 0, seen.synced.length - new Set(seen.synced.map(({ guid }) => guid)).size),
    exactly(SECTION, 'repositories with jobs in order', lanes.length, inOrder(seen.synced.map(({ guid }) => guid))),
    exactly(SECTION, 'forwards that arrived', pushes.length, keys.size),
    exactly(SECTION, 'repositories with forwards in order', lanes.length, inOrder(firsts)),
    // What was under way when the relay was killed is sent again, one of a repository at the most.
    atMost(SECTION, 'forwards sent again, under the same key', WAVES * lanes.length, seen.forwarded.length - keys.size),
  ];
}

/** GUIDs in the order of their first arrival. */
function firstsOf(forwarded: EffectsObservation['forwarded']): string[] {
  return [...new Map(forwarded.map(({ guid, idempotencyKey }) => [idempotencyKey, guid])).values()];
}
