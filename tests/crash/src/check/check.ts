import { accepted, refused } from '../traffic/ledger.ts';
import type { Facts } from './facts.ts';
import { acceptedAndAccounted } from './i1-accepted.ts';
import { onceEach } from './i2-once.ts';
import { oneAfterAnother } from './generations.ts';
import { rightlyAnswered } from './i1-door.ts';
import { nothingYoungRemoved } from './i10-horizon.ts';
import { acceptedInOrder } from './i3-accepted.ts';
import { inLogOrder } from './i3-order.ts';
import { allAudited } from './i4-audited.ts';
import { commandsAudited, countCommands } from './i4-commands.ts';
import { replaysHeld } from './i5-replays.ts';
import { noStaleOwner } from './i6-epochs.ts';
import { drained } from './i8-drained.ts';
import { onlyPoisonWaited } from './i9-innocents.ts';
import { effectsDue, isFirst, outcomesOf, type Outcome } from './outcomes.ts';
import type { Violation } from './violation.ts';

export interface Expectations {
  /** Nothing but handlers failed: then nobody but poisoned repositories may have waited in a lane. */
  onlyHandlersFailed: boolean;
  /** Times that a processor was struck at a chosen point, and so perhaps always while it ran the same record. */
  struck?: number;
}

export interface Counts {
  deliveries: number;
  sendings: number;
  accepted: number;
  /** Answered that they were processed before. */
  refused: number;
  records: number;
  processed: number;
  duplicates: number;
  ignored: number;
  parked: number;
  retried: number;
  deadLetters: number;
  /** Records that were set aside as suspected replays. */
  held: number;
  /** Operators' commands. */
  commandsApplied: number;
  commandsRefused: number;
  effects: number;
  lost: number;
  doubled: number;
  reordered: number;
  takeovers: number;
}

export interface Checked {
  violations: Violation[];
  counts: Counts;
}

/** The promises, checked against everything that can be known from outside. Pure. */
export function check(facts: Facts, expectations: Expectations): Checked {
  const { outcomes, impossible } = outcomesOf(facts);
  const order = inLogOrder(facts, outcomes);
  const once = onceEach(facts, outcomes);
  const violations = [
    ...acceptedAndAccounted(facts, outcomes),
    ...rightlyAnswered(facts, outcomes),
    ...once,
    ...acceptedInOrder(facts),
    ...order,
    ...allAudited(facts, outcomes, impossible),
    ...commandsAudited(facts),
    ...replaysHeld(facts),
    ...noStaleOwner(facts, outcomes),
    ...drained(facts, outcomes),
    ...oneAfterAnother(facts, outcomes),
    ...nothingYoungRemoved(facts, outcomes),
    ...onlyPoisonWaited(facts, outcomes, expectations),
  ];
  return { violations, counts: count(facts, outcomes, order) };
}

function count(facts: Facts, outcomes: readonly Outcome[], order: readonly Violation[]): Counts {
  const decided = (decision: string): number => facts.audit.filter((row) => row.decision === decision).length;
  const due = outcomes.flatMap((outcome) => outcome.handlers.map((handler) => effectsDue(outcome, handler) as number));
  const written = new Set(facts.effects.map(({ handler, guid }) => `${handler} ${guid}`));
  const everDue = outcomes
    .filter(isFirst)
    .flatMap((outcome) => handlersDue(outcome).map((handler) => `${handler} ${outcome.record.delivery?.guid}`));
  const commands = Object.values(countCommands(facts));
  return {
    deliveries: facts.ledger.length,
    sendings: facts.ledger.reduce((sum, { sendings }) => sum + sendings.length, 0),
    accepted: facts.ledger.reduce((sum, entry) => sum + accepted(entry), 0),
    refused: facts.ledger.reduce((sum, entry) => sum + refused(entry), 0),
    records: facts.log.length,
    processed: decided('processed'),
    duplicates: decided('duplicate') + decided('reset'),
    ignored: decided('ignored'),
    parked: decided('parked'),
    retried: decided('retried'),
    deadLetters: facts.deadLetters.length,
    held: facts.audit.filter(({ stage, decision }) => stage === 'log' && decision === 'held').length,
    commandsApplied: commands.reduce((sum, { applied }) => sum + applied, 0),
    commandsRefused: commands.reduce((sum, it) => sum + it.refused, 0),
    effects: facts.effects.length,
    lost: new Set(everDue.filter((name) => !written.has(name))).size,
    doubled: Math.max(0, facts.effects.length - Math.max(written.size, due.filter(Boolean).length)),
    reordered: order.reduce((sum, it) => sum + it.count, 0),
    takeovers: facts.offsets.reduce((sum, { epoch }) => sum + Number(epoch), 0),
  };
}

/** Handlers that must have run, or will: of what is held none, unless it was released. */
function handlersDue({ handlers, story, log }: Outcome): string[] {
  if (!story) return log[0]?.decision === 'held' ? [] : handlers;
  return [...story.handlers].flatMap(([name, { state }]) => (state === 'done' || state === 'waits' ? [name] : []));
}
