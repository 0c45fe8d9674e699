import type { ControlCommand } from '@hookline/contracts';
import { CLI_ACTOR } from '../operators/book.ts';
import { placeOf, type AuditRow, type Facts } from './facts.ts';
import { violation, type Violation } from './violation.ts';

/** What the audit says that a command has done. */
const DOES: Readonly<Record<ControlCommand, string>> = {
  hold: 'held',
  release: 'released',
  retry: 'retried',
  skip: 'skipped',
  redrive: 'redriven',
  discard: 'discarded',
  'release-replay': 'released',
  'discard-replay': 'discarded',
  'redrive-effect': 'redriven',
  'discard-effect': 'discarded',
};

/** One command, with everything that is said of it. */
interface Case {
  id: string;
  name: string;
  inLog: number;
  kept: { outcome: string | null } | undefined;
  isBooked: boolean;
  /** The delivery that it is about, where it names one by its place. */
  guid: string | null;
  /** Its rows of stage `log`, or of a command of the table that was refused, in the order of writing. */
  said: AuditRow[];
  /** What it has done. */
  done: AuditRow[];
}

/**
 * I4, of operators: what was decided is in the log or the table, and nothing else is; each command was applied or refused
 * once, however often it is there, and the audit says so; what was applied has done what it says, once, and what was
 * refused nothing.
 */
export function commandsAudited(facts: Facts): Violation[] {
  const cases = casesOf(facts);
  const found = (problem: (one: Case) => string | null): string[] =>
    cases.flatMap((one) => {
      const what = problem(one);
      return what === null ? [] : [`${one.name} ${one.id}: ${what}`];
    });
  const lost = facts.decisions.filter(
    ({ commandId, confirmed }) =>
      confirmed && !cases.some(({ id, inLog, kept }) => id === commandId && (inLog > 0 || kept)),
  );
  return [
    ...violation(
      'I1',
      'decisions that were written and are nowhere',
      lost.map(({ command, commandId }) => `${command} ${commandId}`),
    ),
    ...violation(
      'I4',
      'commands that nobody has decided',
      found(({ isBooked }) => (isBooked ? null : 'not in the book')),
    ),
    ...violation('I4', 'commands without exactly one outcome in the audit', found(outcomeProblem)),
    ...violation('I4', 'commands that are kept with another outcome than the audit tells', found(keptProblem)),
    ...violation('I4', 'commands that have done something else than they say', found(effectProblem)),
    ...violation('I4', 'decisions about the same death that were both applied', appliedTwice(facts, cases)),
  ];
}

/** How each command ended; `applied` of the table shows by what it has done alone. */
function outcomeOf({ said, done }: Pick<Case, 'said' | 'done'>): 'applied' | 'refused' | null {
  const settled = said.filter(({ decision }) => decision !== 'duplicate');
  if (settled.length === 0) return done.length > 0 ? 'applied' : null;
  return settled[0]?.decision === 'applied' ? 'applied' : 'refused';
}

function outcomeProblem({ said, done, kept, inLog }: Case): string | null {
  const settled = said.filter(({ decision }) => decision !== 'duplicate');
  const byTable = done.filter((row) => !settled.some((it) => placeOf(it) === placeOf(row)));
  const places = new Set(byTable.map(placeOf)).size;
  const times = settled.length + places;
  if (times !== 1) return times === 0 && inLog === 0 && kept?.outcome === null ? null : `${times} times`;
  const since = settled[0]?.id ?? done[0]?.id ?? 0n;
  const early = said.some(({ decision, id }) => decision === 'duplicate' && id < since);
  return early ? 'a duplicate before it had its effect' : null;
}

function keptProblem(one: Case): string | null {
  const [is, due] = [one.kept?.outcome ?? null, outcomeOf(one)];
  return is === due ? null : `${is ?? 'open'} instead of ${due ?? 'open'}`;
}

function effectProblem(one: Case): string | null {
  const { name, done, guid } = one;
  const applied = outcomeOf(one) === 'applied';
  if (!applied) return done.length === 0 ? null : `refused, and ${done.length} rows of what it has done`;
  const wrong = done.filter(({ decision }) => decision !== DOES[name as ControlCommand]);
  if (done.length === 0 || wrong.length > 0)
    return `it has ${done.map(({ decision }) => decision).join(', ') || 'done nothing'}`;
  const others = done.filter((row) => guid !== null && row.guid !== null && row.guid !== guid);
  if (others.length > 0) return `it was about ${guid}, and was done to ${others[0]?.guid}`;
  const handlers = new Set(done.map(({ handler }) => handler));
  return handlers.size === done.length ? null : 'the same twice';
}

/**
 * What is dead is another generation when it has died again. Where several handlers of a delivery are dead, the highest
 * stands for all, and one of them can die and be decided about in between.
 */
function appliedTwice({ decisions, deadLetters }: Facts, cases: readonly Case[]): string[] {
  const letters = Map.groupBy(deadLetters, placeOf);
  const applied = new Set(cases.filter((one) => outcomeOf(one) === 'applied').map(({ id }) => id));
  const about = decisions.filter(
    ({ command, commandId, record }) =>
      (command === 'redrive' || command === 'discard') &&
      applied.has(commandId) &&
      letters.get(record ?? '')?.length === 1,
  );
  const deaths = Map.groupBy(
    about,
    ({ command, record, generation }) => `${command} of ${record}, generation ${generation}`,
  );
  return [...deaths].flatMap(([death, all]) =>
    all.length > 1 ? [`${death}: ${all.map((it) => it.commandId).join(', ')}`] : [],
  );
}

function casesOf({ log, audit, commands, decisions }: Facts): Case[] {
  const logged = Map.groupBy(
    log.flatMap(({ command }) => command ?? []),
    ({ id }) => id,
  );
  const kept = new Map(commands.map((command) => [command.id, command]));
  const booked = new Map(decisions.map((decision) => [decision.commandId, decision]));
  const rows = Map.groupBy(audit, ({ commandId }) => commandId ?? '');
  const guids = new Map(log.map((record) => [placeOf(record), record.delivery?.guid ?? null]));
  const ofLogs = (id: string): AuditRow[] => (rows.get(id) ?? []).filter(({ stage }) => stage !== 'operator');
  return [...new Set([...logged.keys(), ...kept.keys()])].map((id) => ({
    id,
    name: logged.get(id)?.[0]?.name ?? kept.get(id)?.name ?? '',
    inLog: logged.get(id)?.length ?? 0,
    kept: kept.get(id),
    isBooked: booked.has(id) || (logged.get(id)?.[0] ?? kept.get(id))?.actor === CLI_ACTOR,
    guid: guids.get(booked.get(id)?.record ?? '') ?? null,
    said: ofLogs(id),
    done: (rows.get(id) ?? []).filter(({ stage }) => stage === 'operator'),
  }));
}

/** How many commands of each kind were applied and refused. */
export function countCommands({
  commands,
}: Pick<Facts, 'commands'>): Record<string, { applied: number; refused: number }> {
  const counts: Record<string, { applied: number; refused: number }> = {};
  for (const { name, outcome } of commands) {
    const of = (counts[name] ??= { applied: 0, refused: 0 });
    if (outcome === 'applied' || outcome === 'refused') of[outcome] += 1;
  }
  return counts;
}
