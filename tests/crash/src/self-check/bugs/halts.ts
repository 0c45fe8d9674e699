import type { Bug } from '../bug.ts';

const START = 'services/processor/src/takeover/decide-start.ts';

export const haltBugs: Bug[] = [
  {
    name: 'log-expired-overlooked',
    does: 'reads on where the log begins, although records before that were never read',
    edits: [
      {
        file: START,
        find: `return halt('LOG_EXPIRED',`,
        replace: `return { halt: false, from: start, witness: null } as never as ReturnType<typeof halt>;\n  if (false) return halt('LOG_EXPIRED',`,
      },
    ],
    round: 'records-expired',
    breaks: ['I8'],
  },
  {
    name: 'log-too-short-overlooked',
    does: 'waits for a log that ends before what was processed to become longer',
    edits: [{ file: START, find: 'if (end < nextOffset) return halt(', replace: 'if (false) return halt(' }],
    round: 'topic-emptied',
    breaks: ['I8'],
  },
  {
    name: 'witness-not-read',
    does: 'does not look whether the last record that was processed is still the same',
    edits: [
      {
        file: START,
        find: 'return { halt: false, from: nextOffset - 1n, witness: last };',
        replace: 'return { halt: false, from: nextOffset, witness: null };',
      },
    ],
    round: 'topic-refilled',
    breaks: ['I8'],
  },
  {
    name: 'database-behind-overlooked',
    does: 'reads on from a database that was restored to an earlier state',
    edits: [
      { file: START, find: 'if (committed !== null && committed > nextOffset &&', replace: 'if (committed === -1n &&' },
    ],
    round: 'database-restored',
    breaks: ['I8'],
  },
  {
    name: 'missing-offset-overlooked',
    does: 'begins a partition anew whose offset the database has lost',
    edits: [{ file: START, find: '  if (committed === null) return { halt', replace: '  if (true) return { halt' }],
    round: 'offset-deleted',
    breaks: ['I8'],
  },
  {
    name: 'halt-not-written',
    does: 'halts, and tells nobody',
    edits: [
      {
        file: 'services/processor/src/halts/halt-wait.ts',
        find: 'if (!written && !(await write())) return',
        replace: 'if (!written && !write) return',
      },
    ],
    round: 'records-expired',
    breaks: ['I8'],
  },
  {
    name: 'resume-keeps-witness',
    does: 'compares the log after a resume with the record that was processed before it',
    edits: [
      {
        file: 'packages/database/src/halts/resume-partition.ts',
        find: 'last_record_digest = null, last_record_time = null, taken_over_at',
        replace: 'taken_over_at',
      },
    ],
    round: 'topic-refilled',
    breaks: ['I8'],
  },
  {
    name: 'incarnation-not-raised',
    does: 'takes the offsets of a new log for those of the old one',
    edits: [
      {
        file: 'packages/database/src/halts/resume-partition.ts',
        find: '[...values, newIncarnation ? 1 : 0]',
        replace: '[...values, 0]',
      },
    ],
    round: 'topic-emptied',
    breaks: ['I1', 'I2'],
  },
];
