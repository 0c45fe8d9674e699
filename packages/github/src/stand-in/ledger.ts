/** Something that the stand-in has done for a request. */
export interface Act {
  /** Milliseconds since the epoch. */
  at: number;
  did: 'create' | 'update' | 'delete';
  /** `comment`, `check-run`, or the operation: `PUT /repos/{owner}/{repo}/topics`. */
  what: string;
  /** `owner/repo`; empty where it is about none. */
  repository: string;
  /** Issue number or commit. */
  subject: string;
  id: number | null;
  /** The id of the effect that asked for it: from the marker, or from the header `idempotency-key`. */
  effect: string | null;
  /** The name of a sticky comment or check run. */
  name: string | null;
  /** Login of whose act it is. */
  by: string;
}

/** What was made more than once for one effect, or under one name: at most one may be. */
export interface Doubled {
  effect: string | null;
  name: string | null;
  repository: string;
  subject: string;
  what: string;
  created: number;
  /** Of those created, how many are there still. */
  present: number;
}

/** All acts in their order, for counting what happened more than once. */
export function doubled(acts: readonly Act[]): Doubled[] {
  const groups = new Map<string, Act[]>();
  for (const act of acts) {
    if (act.did !== 'create' || (act.effect === null && act.name === null)) continue;
    const { what, repository, subject, effect, name } = act;
    // By its name first: the same check run is changed by one effect after another.
    const place = JSON.stringify([what, repository.toLowerCase(), subject, name ?? effect]);
    groups.set(place, [...(groups.get(place) ?? []), act]);
  }
  const deleted = new Set(acts.filter(({ did }) => did === 'delete').map(({ what, id }) => `${what} ${id}`));
  return [...groups.values()]
    .filter((group) => group.length > 1)
    .map((group) => {
      const { effect, name, repository, subject, what } = group[0] as Act;
      const present = group.filter((act) => !deleted.has(`${what} ${act.id}`)).length;
      return { effect, name, repository, subject, what, created: group.length, present };
    });
}

/** Written here anew, not taken from the code that writes the markers: it is what the marker has to be. */
const EFFECT = /<!-- hookline:effect=([0-9a-f-]{36}) -->\s*$/;
const STICKY = /<!-- hookline:sticky=(\S+) -->\s*$/;

/** The marker at the end of a comment. */
export function markerOf(body: string): { effect: string | null; name: string | null } {
  return { effect: EFFECT.exec(body)?.[1] ?? null, name: STICKY.exec(body)?.[1] ?? null };
}
