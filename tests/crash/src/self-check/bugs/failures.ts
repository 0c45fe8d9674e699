import type { Bug } from '../bug.ts';

const DECIDE = 'services/processor/src/slice/decide.ts';
const CLASSIFY = 'services/processor/src/slice/classify-failure.ts';
const SCOPED = 'packages/handlers/src/scoped-database.ts';

export const failureBugs: Bug[] = [
  {
    name: 'failing-record-skipped',
    does: 'skips a record whose handler fails',
    edits: [
      {
        file: DECIDE,
        find: 'const parked = known.failed.has(offset) || ',
        replace: `if (known.failed.has(offset)) return { decision: 'ignored', flags };\n  const parked = `,
      },
    ],
    round: 'failing',
    breaks: ['I1'],
  },
  {
    name: 'open-lane-overtaken',
    does: 'processes a record at once although earlier ones of its key wait in a lane',
    edits: [
      { file: DECIDE, find: 'known.lanes.has(orderingKey) || slice.isOpen', replace: 'slice.isOpen' },
      { file: 'services/processor/src/slice/write-outcome.ts', find: '!known.lanes.has(orderingKey) && ', replace: '' },
    ],
    round: 'failing',
    breaks: ['I3'],
  },
  {
    name: 'swallowed-error-overlooked',
    does: 'goes on after a handler has hidden an error of its SQL, and takes the end of that transaction for an outage',
    edits: [
      { file: SCOPED, find: '      if (failed !== undefined) {', replace: '      if (false) {' },
      {
        file: 'services/processor/src/slice/run-slice.ts',
        find: 'const isTheirs = progress.handlersRan && ',
        replace: 'const isTheirs = false && progress.handlersRan && ',
      },
    ],
    round: 'misuse',
    breaks: ['I8', 'I9'],
  },
  {
    name: 'floating-query-overlooked',
    does: 'goes on although a query of a handler has not returned',
    edits: [{ file: SCOPED, find: '      if (pending > 0) {', replace: '      if (false) {' }],
    round: 'misuse',
    breaks: ['I9'],
  },
  {
    name: 'late-query-let-through',
    does: 'lets a handler use its database after it has settled',
    edits: [{ file: SCOPED, find: '    if (revoked) throw', replace: '    if (false) throw' }],
    round: 'misuse',
    breaks: ['I2'],
  },
  {
    name: 'handlers-untimed',
    does: 'waits for a handler for ever',
    edits: [
      {
        file: 'services/processor/src/slice/run-handlers.ts',
        find: 'const withinMs = policy?.timeoutMs ?? timeoutMs;',
        replace: 'const withinMs = 86_400_000;',
      },
    ],
    round: 'hanging',
    breaks: ['I8'],
  },
  {
    name: 'retry-later-counted',
    does: 'counts an attempt against a delivery whose handler asks to be run later',
    edits: [
      {
        file: CLASSIFY,
        find: `kind: 'later', counted: false, again: 0, afterMs: error.afterMs`,
        replace: `kind: 'later', counted: true, again: 0, afterMs: null`,
      },
    ],
    round: 'put-off',
    breaks: ['I9'],
  },
  {
    name: 'conditions-counted',
    does: 'takes what the database could not do at the time for a fault of the delivery',
    edits: [{ file: CLASSIFY, find: '  if (isPassing(said)) {', replace: '  if (false) {' }],
    round: 'put-off',
    breaks: ['I9'],
  },
  {
    name: 'killer-not-found',
    does: 'runs a record again and again that its processes die of',
    edits: [
      {
        file: 'services/processor/src/partition/careful-mode.ts',
        find: 'if (open?.firstPosition !== offset) return null;',
        replace: 'if (open?.firstPosition !== offset || true) return null;',
      },
    ],
    round: 'exiting',
    breaks: ['I8'],
  },
  {
    name: 'watchdog-off',
    does: 'has no watchdog',
    edits: [
      {
        file: 'services/processor/src/processor-settings.ts',
        find: '({ watchdogMs }: ProcessorConfig): number => watchdogMs,',
        replace: '(): number => 0,',
      },
    ],
    round: 'spinning',
    breaks: ['I8'],
  },
  {
    name: 'breaker-off',
    does: 'takes deliveries for broken when their handler is',
    edits: [
      {
        file: 'services/processor/src/partition/breaker.ts',
        find: 'const open = outcomes.failing >= keys && ',
        replace: 'const open = false && outcomes.failing >= keys && ',
      },
    ],
    round: 'fleet-failing',
    breaks: ['I9'],
  },
];
