import type { Bug, Edit } from '../bug.ts';

const DECIDE = 'services/processor/src/slice/decide.ts';
const HELD_ORDERS = 'services/processor/src/control/held-orders.ts';
const DEAD_ORDERS = 'services/processor/src/control/dead-orders.ts';
const LANE_ORDERS = 'services/processor/src/control/lane-orders.ts';
const DECIDE_ORDERS = 'services/processor/src/control/decide-orders.ts';
const SKIP = 'services/processor/src/control/skip-head.ts';
const LANE_RECORDS = 'services/processor/src/lanes/lane-records.ts';
const FIND = 'packages/database/src/find-identities.ts';
const SETTLE_HELD = 'packages/database/src/held/settle-held.ts';
const DEAD_AGAIN = 'packages/database/src/dead-letters/run-dead-again.ts';

/** What is decided once keeps its body, and is not looked at when it is decided about again. */
const HELD_IN_ANY_STATE: Edit[] = [
  { file: SETTLE_HELD, find: `and event = $6 and state = 'held' and body is not null`, replace: 'and event = $6' },
  { file: SETTLE_HELD, find: ', body = null, body_encoding = null, body_bytes = null', replace: '' },
  {
    file: SETTLE_HELD,
    find: "and event = $6 and state = 'held'`,\n    [...heldValues",
    replace: 'and event = $6`,\n    [...heldValues',
  },
];

export const operatorBugs: Bug[] = [
  {
    name: 'replay-not-held',
    does: 'runs a payload that is known under another GUID, as if it could repeat',
    edits: [
      {
        file: DECIDE,
        find: `isHeldAlready ? 'hold' : known.replayPolicy(source, event);`,
        replace: `'process' as string;`,
      },
    ],
    round: 'replays',
    breaks: ['I5'],
  },
  {
    name: 'payload-taken-for-identity',
    does: 'takes a payload that was processed under another GUID for the same delivery',
    edits: [
      {
        file: FIND,
        find: 'where known.guid = asked.guid\n             and known.digest = asked.digest',
        replace: 'where known.digest = asked.digest',
      },
    ],
    round: 'replays',
    breaks: ['I4'],
  },
  {
    name: 'released-twice',
    does: 'releases or discards what is held, whatever was decided about it before',
    edits: [
      {
        file: HELD_ORDERS,
        find: 'const held = await readHeldPlace(tx, fence, target);',
        replace: `const found = await readHeldPlace(tx, fence, target);
  const held = found && { ...found, state: 'held' as const };`,
      },
      ...HELD_IN_ANY_STATE,
    ],
    round: 'replays',
    breaks: ['I2', 'I4'],
  },
  {
    name: 'discarded-replay-not-claimed',
    does: 'discards what is held, and does not claim its identity',
    edits: [
      {
        file: HELD_ORDERS,
        find: `    await claimIdentities(tx, [{ ...held, ...held.place, topic, partition, outcome: 'discarded' }]);\n`,
        replace: '',
      },
    ],
    round: 'replays',
    breaks: ['I2'],
  },
  {
    name: 'discard-settles-nothing',
    does: 'says that dead letters are discarded, and leaves them dead',
    edits: [
      {
        file: DEAD_ORDERS,
        find: ` all, { from: 'dead', to: 'discarded' });`,
        replace: ` [], { from: 'dead', to: 'discarded' });`,
      },
    ],
    round: 'dead-decided',
    breaks: ['I2'],
  },
  {
    name: 'another-death',
    does: 'applies a decision about dead letters, though they have run and died again since',
    edits: [
      {
        file: DEAD_ORDERS,
        find: 'if (dead.generation !== generation) {',
        replace: 'if (dead.generation < generation) {',
      },
    ],
    round: 'dead-decided',
    breaks: ['I4'],
  },
  {
    name: 'redrive-runs-all',
    does: 'runs every handler of a dead delivery again, and not only the dead ones',
    edits: [
      {
        file: LANE_RECORDS,
        find: ' && (dead === null || dead.handlers.includes(name))',
        replace: '',
      },
    ],
    round: 'dead-decided',
    breaks: ['I2'],
  },
  {
    name: 'letters-stay-dead',
    does: 'has dead letters run again, and leaves them dead meanwhile, for the next redelivery or command',
    edits: [{ file: DEAD_AGAIN, find: '  await setWaiting(tx, fence, runs);\n', replace: '' }],
    round: 'dead-decided',
    breaks: ['I2', 'I4'],
  },
  {
    name: 'command-runs-again',
    does: 'applies a command again whose id is known',
    edits: [
      {
        file: 'packages/database/src/control/find-commands.ts',
        find: 'return new Set(rows.map(',
        replace: 'return new Set(rows.slice(0, 0).map(',
      },
      {
        file: 'packages/database/src/control/settle-commands.ts',
        find: '\n          where known.outcome is null`',
        replace: '`',
      },
    ],
    round: 'lanes-decided',
    breaks: ['I4'],
  },
  {
    name: 'commands-not-audited',
    does: 'reads past a control record, and writes no row of the audit for it',
    edits: [{ file: DECIDE_ORDERS, find: '  if (offset !== null) {', replace: '  if (offset === -1n) {' }],
    round: 'lanes-decided',
    breaks: ['I4'],
  },
  {
    name: 'done-not-audited',
    does: 'does what a command says, and does not write down what it has done',
    edits: [{ file: DECIDE_ORDERS, find: ' of end.done) {', replace: ' of end.done.slice(1)) {' }],
    round: 'lanes-decided',
    breaks: ['I4'],
  },
  {
    name: 'refusals-not-audited',
    does: 'refuses a command of the table, and writes no row of the audit for it',
    edits: [{ file: DECIDE_ORDERS, find: '} else if (read.offset === null) {', replace: '} else if (false) {' }],
    round: 'lanes-decided',
    breaks: ['I4'],
  },
  {
    name: 'hold-holds-nothing',
    does: 'says that a key is held, and leaves its lane running',
    edits: [
      {
        file: 'packages/database/src/lanes/hold-lane.ts',
        find: `set state = 'held'`,
        replace: `set state = 'retrying'`,
      },
    ],
    round: 'lanes-decided',
    breaks: ['I3'],
  },
  {
    name: 'release-leaves-lane',
    does: 'leaves the lane of a key open that is released, though nothing waits in it',
    edits: [
      {
        file: 'packages/database/src/lanes/release-lane.ts',
        find: `and state = 'held' and records = 0`,
        replace: `and state = 'held' and records < 0`,
      },
    ],
    round: 'lanes-decided',
    breaks: ['I8'],
  },
  {
    name: 'skipped-without-letter',
    does: 'sets the head of a lane aside, and writes no dead letter',
    edits: [{ file: SKIP, find: '    await writeDeath(tx, fence, record, letters);\n', replace: '' }],
    round: 'lanes-decided',
    breaks: ['I4'],
  },
  {
    name: 'another-head',
    does: 'sets aside whatever is the head of a lane by now',
    edits: [
      {
        file: LANE_ORDERS,
        find: 'if (head.incarnation !== target.incarnation || head.offset !== target.offset) {',
        replace: 'if (head.offset < 0n) {',
      },
      {
        file: LANE_ORDERS,
        find: 'if (lane.generation === target.generation) return null;',
        replace: 'if (lane.generation >= 0) return null;',
      },
    ],
    round: 'lanes-decided',
    breaks: ['I4'],
  },
  {
    name: 'reread-not-known',
    does: 'takes a record that is read again for a redelivery',
    edits: [
      {
        file: DECIDE,
        find: `  if (isReread(record, known)) return { decision: 'reread', flags: [] };\n`,
        replace: '',
      },
    ],
    round: 'reread',
    breaks: ['I7'],
  },
];
