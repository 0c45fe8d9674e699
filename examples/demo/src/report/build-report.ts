import type { EffectsObservation } from '../effects/run-effects.ts';
import type { FailureObservation } from '../failure/run-failure.ts';
import type { OperatorsObservation } from '../operators/run-operators.ts';
import type { Activity, AuditRow } from '../observe/database.ts';
import { quantile, type Histogram } from '../observe/histogram.ts';
import type { LogEntry } from '../observe/log.ts';
import type { WebhookRequest } from '../traffic/request.ts';
import type { Exchange } from '../traffic/send.ts';
import { answerProblems, answerRows, sentRows } from './answers.ts';
import { effectRows } from './effects.ts';
import { failureRows } from './failure.ts';
import { operatorRows } from './operators.ts';
import { checkOrder, type KeyOrder } from './order.ts';
import { atMost, exactly, type Report, type Row } from './row.ts';
import { sentEffectRows } from './sent-effects.ts';

/** All that was seen of one run; what must be follows from `planned` and `exchanges`. */
export interface Observation {
  planned: readonly WebhookRequest[];
  exchanges: readonly Exchange[];
  /** What this run's traffic left in the log. */
  log: readonly LogEntry[];
  /** What the audit says of this run's GUIDs. */
  audit: readonly AuditRow[];
  activityBefore: ReadonlyMap<string, Activity>;
  activityAfter: ReadonlyMap<string, Activity>;
  /** The processor's own measurement, of this run only. */
  acceptToCommit: Histogram;
  /** What followed: a repository that failed for a while. */
  failure: FailureObservation;
  /** What followed: an operator's decisions. */
  operators: OperatorsObservation;
  /** What followed: effects that leave the database. */
  effects: EffectsObservation;
  /** How often services had to be started again, but for those that the demo has killed. */
  restarts: number;
}

/** Far more than any machine needs: a time beyond it means that something had to be waited for. */
const MAX_SECONDS = 30;

/** The table: every number beside what it must be. */
export function buildReport(seen: Observation): Report {
  const order = checkOrder(seen);
  const rows = [
    ...sentRows(seen.planned, seen.exchanges),
    ...answerRows(seen.exchanges),
    ...effectRows(seen.exchanges, seen.log, seen.audit),
    ...orderRows(seen.planned, order),
    ...timeRows(seen),
    ...failureRows(seen.failure),
    ...operatorRows(seen.operators),
    ...sentEffectRows(seen.effects),
    exactly('Services', 'restarts', 0, seen.restarts),
  ];
  const problems = [
    ...answerProblems(seen.exchanges),
    ...order.flatMap(({ key, problems }) => problems.map((problem) => `${key}: ${problem}`)),
    ...rows
      .filter(({ ok }) => !ok)
      .map(({ name, expected, actual }) => `${name}: expected ${expected}, found ${actual}`),
  ];
  const { trace, tracedGuid: guid } = seen.operators;
  return { ok: problems.length === 0, rows, problems, story: { guid, trace } };
}

function orderRows(planned: readonly WebhookRequest[], order: readonly KeyOrder[]): Row[] {
  const deliveries = planned.flatMap(({ delivery }) => (delivery ? [delivery] : []));
  const row = (name: string, ofRepository: boolean): Row => {
    const keys = new Set(deliveries.filter((it) => it.ofRepository === ofRepository).map(({ key }) => key));
    const kept = order.filter((it) => it.ofRepository === ofRepository && it.problems.length === 0);
    return exactly('Order of arrival = of the log = of effects', name, keys.size, kept.length);
  };
  return [row('repositories in order', true), row('other keys in order (organizations, …)', false)];
}

/** From the arrival at ingest to after the COMMIT, as the processor measures it; quantiles are within its buckets. */
function timeRows({ audit, acceptToCommit }: Observation): Row[] {
  const section = 'Time from accept to effect (hookline_accept_to_commit_seconds)';
  const bounded = (name: string, q: number): Row => {
    const seconds = quantile(q, acceptToCommit);
    return atMost(section, name, MAX_SECONDS * 1000, seconds === undefined ? undefined : seconds * 1000);
  };
  const processed = audit.filter(({ decision }) => decision === 'processed').length;
  return [
    bounded('p50, in milliseconds', 0.5),
    bounded('p99, in milliseconds', 0.99),
    exactly(section, 'deliveries measured', processed, acceptToCommit.count),
  ];
}
