import { placeOf, type Aged, type AuditRow, type DeadLetter, type Facts, type LogRecord } from './facts.ts';
import { handlersOf, historiesOf, type Story } from './history.ts';

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
  /** Entries of it in lanes. */
  waiting: number;
  /** Of its last run. */
  lastRun: Record<string, string>;
  letters: DeadLetter[];
  /** What the audit says of its handlers; null: they do not run for this record, or have not yet. */
  story: Story | null;
}

export interface Outcomes {
  /** In the order of the log. */
  outcomes: Outcome[];
  /** Rows of the audit that do not follow from those before. */
  impossible: string[];
}

/** What became of each record. */
export function outcomesOf(facts: Facts): Outcomes {
  const { log, offsets, audit, waiting, deadLetters, aged } = facts;
  const next = new Map(offsets.map(({ partition, nextOffset }) => [partition, nextOffset]));
  const auditAt = Map.groupBy(audit, (row) => `${row.stage} ${placeOf(row)}`);
  const waitingAt = Map.groupBy(waiting, placeOf);
  const lettersAt = Map.groupBy(deadLetters, placeOf);
  const firsts = new Map<string, string>();
  const { stories, impossible } = historiesOf(facts);
  const beyond = new Map(aged.filter((it) => it.beyond).map((it) => [placeOf(it), it]));
  const outcomes = log.map((record) => {
    const place = placeOf(record);
    const { delivery, partition, offset } = record;
    const identity = delivery ? `${delivery.guid} ${delivery.digest}` : place;
    const logged = auditAt.get(`log ${place}`) ?? [];
    const before = firsts.get(identity);
    const first = before === undefined || runsAnew(beyond.get(before), logged) ? place : before;
    firsts.set(identity, first);
    return {
      place,
      record,
      read: offset < (next.get(partition) ?? 0n),
      first,
      handlers: handlersOf(record),
      log: logged,
      forgotten: beyond.has(place),
      lane: auditAt.get(`lane ${place}`) ?? [],
      waiting: waitingAt.get(place)?.length ?? 0,
      lastRun: Object.assign({}, ...(waitingAt.get(place) ?? []).map(({ lastRun }) => lastRun)) as Record<
        string,
        string
      >,
      letters: lettersAt.get(place) ?? [],
      story: stories.get(place) ?? null,
    };
  });
  return { outcomes, impossible };
}

/** A redelivery of what may be forgotten, decided after it was. */
function runsAnew(aged: Aged | undefined, logged: readonly AuditRow[]): boolean {
  return (
    aged !== undefined &&
    logged.some(({ id, decision }) => id > aged.auditId && (decision === 'processed' || decision === 'parked'))
  );
}

export const isFirst = ({ first, place }: Outcome): boolean => first === place;

/** How often a handler's effect of this record must be there. */
export function effectsDue({ story, lastRun }: Outcome, handler: string): 0 | 1 {
  const state = story?.handlers.get(handler)?.state;
  if (state === 'waits') return lastRun[handler] === 'processed' ? 1 : 0;
  return state === 'done' ? 1 : 0;
}
