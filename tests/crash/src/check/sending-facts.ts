/** An effect that a handler has asked for, as noted in the transaction of its run: what did not commit is not there. */
export interface AskedEffect {
  /** In the order of asking. */
  id: bigint;
  effectId: string;
  /** The ordering key, and the queue: of both together one is sent after another. */
  key: string;
  queue: string;
  kind: string;
  /** Of the delivery. */
  guid: string;
  /** What its target is told in words, whatever its id there is: the same for the same effect, and for no other. */
  about: string;
  /** Its target refuses it for good until it was redriven; or null: not at all. */
  refused: 'at-first' | 'always' | null;
}

/** A request at a target, or a record of the job topic. */
export interface Arrival {
  kind: string;
  /** {@link AskedEffect.about}. */
  about: string;
  /** The id that came with it. */
  effectId: string | null;
  /** Milliseconds since the Unix epoch. */
  at: number;
  /** When it was answered, or broke off; null: that is not known. */
  endedAt: number | null;
  /** The target has done it, and had not done it before by this id. */
  acted: boolean;
}

/** What is left in the outbox. */
export interface LeftEffect {
  effectId: string;
  state: string;
  reason: string | null;
  error: string | null;
  totalAttempts: number;
}

export interface SettledEffect {
  effectId: string;
  outcome: string;
  /** Ever begun. */
  attempts: number;
}

/** A row of the audit about an effect, of stage `effect` or `operator`. */
export interface EffectAudit {
  effectId: string;
  stage: string;
  decision: string;
}

/** A record of the topic of jobs. */
export interface JobRecord {
  effectId: string;
  key: string;
  /** Partition and offset. */
  place: string;
  /** It is below the stored offset of its partition. */
  read: boolean;
}

/** A committed run of a job's handler. */
export interface JobRun {
  effectId: string;
  key: string;
  about: string;
}

/** A row of the audit about a record of that topic, of stage `log`. */
export interface JobAudit {
  place: string;
  decision: string;
}

/** A relay that was frozen behind its last look at its lease, before its request went out. */
export interface FrozenSending {
  relay: string;
  /** Milliseconds since the Unix epoch. */
  wokenAt: number;
}

/** All that can be known from outside about effects, after a round with relays. */
export interface SendingFacts {
  /** How long an attempt may take. */
  deadlineMs: number;
  /** In the order of asking. */
  asked: readonly AskedEffect[];
  /** In the order of arrival at each target. */
  arrivals: readonly Arrival[];
  /** Comments and check runs of ours that are there in the end, by what they say. */
  present: ReadonlyMap<string, number>;
  /** Of those that have a name, which is there more than once in the end. */
  twins: readonly string[];
  /** In the order of partitions and offsets. */
  jobRecords: readonly JobRecord[];
  /** In the order of writing. */
  jobRuns: readonly JobRun[];
  jobAudit: readonly JobAudit[];
  outbox: readonly LeftEffect[];
  settled: readonly SettledEffect[];
  audit: readonly EffectAudit[];
  frozen: readonly FrozenSending[];
  /** Deliveries of which the audit has been dated back, and may be gone. */
  forgotten: ReadonlySet<string>;
}

/** An effect that was asked for, once or more, with everything that is said of it. */
export interface EffectStory {
  asked: AskedEffect;
  times: number;
  arrivals: Arrival[];
  left: LeftEffect[];
  settled: SettledEffect[];
  /** Decisions of the stages `effect` and `operator` with their numbers. */
  decided: Readonly<Record<string, number>>;
}

/** By effect, in the order in which each was first asked for. */
export function storiesOf({ asked, arrivals, outbox, settled, audit }: SendingFacts): EffectStory[] {
  const arrived = Map.groupBy(arrivals, ({ about }) => about);
  const leftOf = Map.groupBy(outbox, ({ effectId }) => effectId);
  const settledOf = Map.groupBy(settled, ({ effectId }) => effectId);
  const auditOf = Map.groupBy(audit, ({ effectId }) => effectId);
  return [...Map.groupBy(asked, ({ effectId }) => effectId)].map(([effectId, all]) => {
    const [first] = all as [AskedEffect];
    return {
      asked: first,
      times: all.length,
      arrivals: arrived.get(first.about) ?? [],
      left: leftOf.get(effectId) ?? [],
      settled: settledOf.get(effectId) ?? [],
      decided: countBy(auditOf.get(effectId) ?? []),
    };
  });
}

function countBy(rows: readonly EffectAudit[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { decision } of rows) counts[decision] = (counts[decision] ?? 0) + 1;
  return counts;
}

/**
 * What the table of residuals allows: a relay looked at its lease, was frozen before its request went out, and sent it as
 * soon as it woke, when the effect had been sent by another. One request per such freeze.
 *
 * @param first when the effect was done first; null: it was not
 */
export function isLate({ at }: Arrival, first: number | null, { frozen, deadlineMs }: SendingFacts): boolean {
  if (first === null || at <= first) return false;
  return frozen.some(({ wokenAt }) => at >= wokenAt && at <= wokenAt + deadlineMs);
}

/** When its target has done it first; null: it has not. */
export function doneAt({ arrivals }: Pick<EffectStory, 'arrivals'>): number | null {
  return arrivals.find(({ acted }) => acted)?.at ?? null;
}

export const nameOf = ({ kind, about }: Pick<AskedEffect, 'kind' | 'about'>): string => `${kind} ${about}`;
