import { resumeChoices } from '@hookline/contracts';
import type { ResumeFrom } from '@hookline/database';

/** What is known of a halted partition when somebody decides. */
export interface HaltedState {
  reason: string;
  /** The stored offset; null where the database has none. */
  nextOffset: bigint | null;
  /** What Kafka has now; null where it could not be asked. */
  log: { start: bigint; end: bigint; committed: bigint | null } | null;
}

export type ResumePlan =
  | {
      success: true;
      /** Where reading goes on; null where only the owner will know, since Kafka could not be asked. */
      target: bigint | null;
      /** What the choice means, a sentence each. */
      effects: string[];
    }
  | { success: false; problem: string };

/** What a choice would do, or why it cannot be made. Pure. */
export function planResume(state: HaltedState, choice: ResumeFrom): ResumePlan {
  const possible = resumeChoices(state.reason);
  if (!possible.includes(choice.from)) {
    const values = possible.map((from) => `--from ${from === 'offset' ? '<offset>' : from}`).join(' or ');
    return refused(`A partition that is halted by ${state.reason} cannot go on from ${word(choice)}; use ${values}.`);
  }
  if (choice.from === 'stored' && state.nextOffset === null) {
    return refused('The database has no stored offset for this partition; use --from log-start or --from <offset>.');
  }
  const { log } = state;
  const target = targetOf(state, choice);
  if (target === null || log === null) {
    const missing = 'Kafka could not be asked: what is skipped and what is read again is not known.';
    return { success: true, target, effects: [missing] };
  }
  if (target < log.start || target > log.end) {
    return refused(
      `Offset ${target} is not in the log, which has ${log.start} to ${log.end}: the partition would halt again at once.`,
    );
  }
  return { success: true, target, effects: [...effects(state, log, target), waiting(log, target)] };
}

function targetOf({ nextOffset, log }: HaltedState, { from, offset }: ResumeFrom): bigint | null {
  if (from === 'offset') return offset;
  return from === 'stored' ? nextOffset : (log?.start ?? null);
}

function effects({ reason, nextOffset }: HaltedState, log: NonNullable<HaltedState['log']>, target: bigint): string[] {
  if (reason === 'LOG_TOO_SHORT' || reason === 'LOG_DIFFERS') {
    return [
      'The log is taken for another one than before: its offsets begin anew.',
      ...some(log.start, target, (range) => `Never processed, though in the log: ${range}.`),
    ];
  }
  if (nextOffset === null) {
    return [
      ...some(log.start, target, (range) => `Not read, though in the log: ${range}.`),
      ...some(
        target,
        log.committed ?? target,
        (range) =>
          `Run again, unless this database knows it as processed: ${range}, which the group had processed before.`,
      ),
    ];
  }
  return [
    ...some(nextOffset, log.start, (range) => `Gone from the log, and never processed: ${range}.`),
    ...some(
      nextOffset > log.start ? nextOffset : log.start,
      target,
      (range) => `Never processed by this database, though in the log: ${range}.`,
    ),
    ...some(target, nextOffset, (range) => `Read again, as duplicates where they were processed: ${range}.`),
  ];
}

function waiting({ end }: NonNullable<HaltedState['log']>, target: bigint): string {
  return target < end
    ? `Then to be read: ${rangeText(target, end)}.`
    : 'Then nothing is to be read until a record comes.';
}

function some(from: bigint, to: bigint, sentence: (range: string) => string): string[] {
  return from < to ? [sentence(rangeText(from, to))] : [];
}

function rangeText(from: bigint, to: bigint): string {
  return to - from === 1n ? `1 record, offset ${from}` : `${to - from} records, offsets ${from} to ${to - 1n}`;
}

function word({ from, offset }: ResumeFrom): string {
  return { stored: 'the stored offset', 'log-start': 'where the log begins', offset: `offset ${offset}` }[from];
}

function refused(problem: string): ResumePlan {
  return { success: false, problem };
}
