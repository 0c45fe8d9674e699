import type { Bug } from '../bug.ts';

const RUN_RECORDS = 'services/processor/src/lanes/run-records.ts';
const LAST_RUN = 'services/processor/src/lanes/last-run.ts';

export const laneBugs: Bug[] = [
  {
    name: 'lane-closed-without-looking',
    does: 'closes a lane when what was read of it is done, whatever has come since',
    edits: [
      {
        file: 'packages/database/src/lanes/remove-from-lane.ts',
        find: `const closed = row.records === '0' && row.state`,
        replace: 'const closed = row.state',
      },
    ],
    round: 'failing',
    breaks: ['I8'],
  },
  {
    name: 'attempts-not-counted',
    does: 'counts no attempt: what always fails is tried for ever',
    edits: [
      {
        file: 'services/processor/src/lanes/decide-lane.ts',
        find: 'const attempts = head.attempts + 1;',
        replace: 'const attempts = head.attempts;',
      },
    ],
    round: 'failing',
    breaks: ['I8'],
  },
  {
    name: 'lane-newest-first',
    does: 'runs what waits in a lane from its end',
    edits: [
      {
        file: RUN_RECORDS,
        find: 'records.map(handledDelivery)',
        replace: 'records.toReversed().map(handledDelivery)',
      },
    ],
    round: 'failing',
    breaks: ['I3'],
  },
  {
    name: 'lane-not-audited',
    does: 'removes what has run from its lane, and writes nothing into the audit',
    edits: [
      {
        file: RUN_RECORDS,
        find: `        records.map((record) => ({ ...auditOf(fence, record), decision: isAsked(record) ? 'processed' : 'ignored' })),`,
        replace: '        [],',
      },
    ],
    round: 'failing',
    breaks: ['I4'],
  },
  {
    name: 'lane-not-claimed',
    does: 'runs what waits in a lane without claiming its identity',
    edits: [
      {
        file: RUN_RECORDS,
        find: 'await claimsOf(tx, fence, records.filter(isAsked))',
        replace: '[]',
      },
    ],
    round: 'failing',
    breaks: ['I2'],
  },
  {
    name: 'dead-letter-not-written',
    does: 'gives a delivery up, and writes no dead letter',
    edits: [
      {
        file: 'services/processor/src/lanes/write-death.ts',
        find: '  else await writeDeadLetters(tx, fence, [{ place, delivery: record, raw: null, letters }]);\n',
        replace: '',
      },
    ],
    round: 'failing',
    breaks: ['I4'],
  },
  {
    name: 'last-run-forgets',
    does: 'begins a last run anew, and runs again what has succeeded in it',
    edits: [
      { file: LAST_RUN, find: 'let noted: LastRun = record.lastRun ?? {};', replace: 'let noted: LastRun = {};' },
    ],
    round: 'dying',
    breaks: ['I2'],
  },
];
