import type {
  AuditView,
  ClaimView,
  DeadView,
  DeliveryState,
  EffectView,
  HeldView,
  WaitingView,
} from '@hookline/database';

/** All that the database keeps about a GUID. */
export interface GuidFacts {
  guid: string;
  audit: readonly AuditView[];
  claims: readonly ClaimView[];
  waiting: readonly WaitingView[];
  held: readonly HeldView[];
  dead: readonly DeadView[];
  /** What its handlers have asked for. */
  effects: readonly EffectView[];
  /** The effect that it is the job of; null: it is none, or that is not known any more. */
  askedBy: EffectView | null;
}

/** One delivery of the GUID: another payload under it, or another scope, is another one. */
export interface IdentityView {
  dedupScope: string;
  digest: string;
  events: string[];
  /** Null: nothing is kept of it: it was ignored, or its claim is beyond the horizon. */
  state: DeliveryState | null;
  /** Places in the log, as the tables have them. */
  arrivals: number;
}

/** The deliveries that share the GUID, and how each of them stands. Pure. */
export function identitiesOf({ guid, audit, claims, waiting, held, dead }: GuidFacts): IdentityView[] {
  const own = [...audit, ...claims, ...waiting, ...held.filter((one) => one.guid === guid), ...dead];
  const found = new Map<string, IdentityView>();
  for (const { dedupScope, digest, event } of own) {
    if (dedupScope === null || digest === null) continue;
    const hex = digest.toString('hex');
    const identity = found.get(`${dedupScope} ${hex}`) ?? {
      dedupScope,
      digest: hex,
      events: [],
      state: null,
      arrivals: 0,
    };
    if (event !== null && !identity.events.includes(event)) identity.events.push(event);
    found.set(`${dedupScope} ${hex}`, identity);
  }
  return [...found.values()].map((identity) => ({
    ...identity,
    state: stateOf(identity, { claims, waiting, held, dead }),
    arrivals: audit.filter((entry) => entry.stage === 'log' && isOf(identity)(entry)).length,
  }));
}

type Facts = Pick<GuidFacts, 'claims' | 'waiting' | 'held' | 'dead'>;

function stateOf(identity: IdentityView, { claims, waiting, held, dead }: Facts): DeliveryState | null {
  const isIt = isOf(identity);
  if (waiting.some(isIt)) return 'waiting';
  const letters = dead.filter(isIt).flatMap((one) => one.letters);
  if (letters.some(({ state }) => state === 'dead' || state === 'waiting')) return 'dead';
  const claim = claims.find(isIt);
  if (claim) return claim.outcome === 'discarded' ? 'discarded' : 'processed';
  return held.some((one) => one.state === 'held' && isIt(one)) ? 'held' : null;
}

function isOf({ dedupScope, digest }: IdentityView) {
  return (one: { dedupScope: string | null; digest: Buffer | null }): boolean =>
    one.dedupScope === dedupScope && one.digest?.toString('hex') === digest;
}
