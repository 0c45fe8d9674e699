import { HANDLED_EVENTS } from '../programs/behaviour.ts';
import { placeOf, type Aged, type AuditRow, type Facts, type LogRecord } from './facts.ts';

/** A record of the log, with everything that the tables say of it. */
export interface Outcome {
  place: string;
  record: LogRecord;
  /** Below the stored offset. */
  read: boolean;
  /** Place of the first record of the same identity, or of the first since that was forgotten; its own where it is that. */
  first: string;
  /** It was settled when its claim came behind the horizon: claim and audit are removed. */
  forgotten: boolean;
  /** Names of the handlers that ask for it. */
  handlers: string[];
  /** Its rows of stage `log`. */
  log: AuditRow[];
  /** Its rows of stage `lane`. */
  lane: AuditRow[];
  waiting: boolean;
  /** Of its last run. */
  lastRun: Record<string, string>;
  /** Handlers with a dead letter; null: the record is no delivery. */
  dead: (string | null)[];
}

/** What became of each record, in the order of the log. */
export function outcomesOf({ log, offsets, audit, waiting, deadLetters, aged }: Facts): Outcome[] {
  const next = new Map(offsets.map(({ partition, nextOffset }) => [partition, nextOffset]));
  const auditAt = Map.groupBy(audit, (row) => `${row.stage} ${placeOf(row)}`);
  const waitingAt = new Map(waiting.map((row) => [placeOf(row), row]));
  const deadAt = Map.groupBy(deadLetters, placeOf);
  const beyond = new Map(aged.filter((it) => it.beyond).map((it) => [placeOf(it), it]));
  const firsts = new Map<string, string>();
  return log.map((record) => {
    const place = placeOf(record);
    const { delivery, partition, offset } = record;
    const identity = delivery ? `${delivery.guid} ${delivery.digest}` : place;
    const logged = auditAt.get(`log ${place}`) ?? [];
    const before = firsts.get(identity);
    const first = before === undefined || runsAnew(beyond.get(before), logged) ? place : before;
    firsts.set(identity, first);
    const dead = (deadAt.get(place) ?? []).map(({ handler }) => handler);
    return {
      place,
      record,
      read: offset < (next.get(partition) ?? 0n),
      first,
      handlers: Object.entries(HANDLED_EVENTS).flatMap(([handler, events]) =>
        delivery && events.includes(delivery.event) ? [handler] : [],
      ),
      log: logged,
      forgotten: beyond.has(place),
      lane: auditAt.get(`lane ${place}`) ?? [],
      waiting: waitingAt.has(place),
      lastRun: waitingAt.get(place)?.lastRun ?? {},
      dead,
    };
  });
}

/** A redelivery of what may be forgotten, decided after it was. */
function runsAnew(aged: Aged | undefined, logged: readonly AuditRow[]): boolean {
  return (
    aged !== undefined &&
    logged.some(({ id, decision }) => id > aged.auditId && (decision === 'processed' || decision === 'parked'))
  );
}

export const isFirst = ({ first, place }: Outcome): boolean => first === place;

/** Whether its handlers are through with it, dead ones included. */
export const isSettled = ({ log, lane, waiting, forgotten }: Outcome): boolean =>
  !waiting &&
  (forgotten ||
    log.some(({ decision }) => decision === 'processed') ||
    lane.some(({ decision }) => decision === 'processed' || decision === 'dead-lettered'));

/** How often a handler's effect of this record must be there. */
export function effectsDue(outcome: Outcome, handler: string): 0 | 1 {
  if (!isFirst(outcome) || !outcome.handlers.includes(handler)) return 0;
  if (outcome.waiting) return outcome.lastRun[handler] === 'processed' ? 1 : 0;
  return isSettled(outcome) && !outcome.dead.includes(handler) ? 1 : 0;
}
