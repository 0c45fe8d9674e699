import type { ResumeCommand } from './request-resume.ts';

/** A partition as it is at the moment when a decision about it is to be applied. */
export interface ResumeState {
  /** The halt that is written down, or null. */
  halt: { reason: string; nextOffset: bigint | null } | null;
  /** What is stored, null without a row. */
  stored: { nextOffset: bigint } | null;
  /** What Kafka has now. */
  log: { start: bigint; end: bigint; committed: bigint | null };
}

export type ResumeDecision =
  | {
      resume: true;
      nextOffset: bigint;
      /** The log is another one than was processed. */
      newIncarnation: boolean;
      acceptedCommitted: bigint | null;
    }
  | { resume: false; detail: string };

/** Halts after which the offsets are those of another log. */
const OTHER_LOG = new Set(['LOG_TOO_SHORT', 'LOG_DIFFERS', 'LOG_DISCONTINUED']);

/**
 * Whether a human's decision still fits, and where it leads. Pure. In another state than it was decided on it is
 * refused: nobody has decided about that one. So is an offset that the log does not have: it would halt again at once.
 */
export function decideResume(command: ResumeCommand, { halt, stored, log }: ResumeState): ResumeDecision {
  if (halt === null) return refuse('The partition is not halted.');
  if (halt.reason !== command.decidedReason || halt.nextOffset !== command.decidedNextOffset) {
    return refuse(
      `Decided on ${state(command.decidedReason, command.decidedNextOffset)}, ` +
        `but the partition is halted for ${state(halt.reason, halt.nextOffset)}.`,
    );
  }
  const storedOffset = stored?.nextOffset ?? null;
  if (storedOffset !== halt.nextOffset) {
    return refuse(`The partition halted at offset ${text(halt.nextOffset)}, and is at ${text(storedOffset)} now.`);
  }
  const nextOffset = target(command, storedOffset, log.start);
  if (nextOffset === null) return refuse('The database has no offset of this partition to go on from.');
  if (nextOffset < log.start || nextOffset > log.end) {
    return refuse(`Offset ${nextOffset} is not in the log, which has ${log.start} to ${log.end}.`);
  }
  const goesBack = log.committed !== null && log.committed > nextOffset;
  return {
    resume: true,
    nextOffset,
    newIncarnation: OTHER_LOG.has(halt.reason),
    acceptedCommitted: goesBack ? log.committed : null,
  };
}

function target({ resume }: ResumeCommand, stored: bigint | null, logStart: bigint): bigint | null {
  if (resume.from === 'offset') return resume.offset;
  return resume.from === 'log-start' ? logStart : stored;
}

function refuse(detail: string): ResumeDecision {
  return { resume: false, detail };
}

const text = (offset: bigint | null) => (offset === null ? 'none' : String(offset));
const state = (reason: string, nextOffset: bigint | null) => `${reason} at offset ${text(nextOffset)}`;
