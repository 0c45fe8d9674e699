import type { Bug, Edit } from '../bug.ts';

const ASSIGNMENTS = 'packages/kafka/src/consume/assignments.ts';
const QUEUE = 'packages/kafka/src/consume/partition-queue.ts';
const CONSUMER = 'packages/kafka/src/consume/log-consumer.ts';

const ANY_BATCH_IS_TAKEN: Edit = {
  file: QUEUE,
  find: '    if (this.#continuing(batch) !== batch.length) return false;\n',
  replace: '',
};

export const consumingBugs: Bug[] = [
  {
    name: 'queues-outlive-assignments',
    does: 'goes on with what was queued before a rebalance',
    edits: [
      {
        file: ASSIGNMENTS,
        find: '    this.lose();\n    if (partitions.length > 0)',
        replace: '    if (partitions.length > 0)',
      },
      {
        file: CONSUMER,
        find: '        // so in the database, before an heir looks.\n        assignments.lose();\n',
        replace: '',
      },
    ],
    round: 'rebalanced',
    breaks: ['I8'],
  },
  {
    name: 'no-seek',
    does: 'reads on from wherever the client is, and takes any batch for the next',
    edits: [
      ANY_BATCH_IS_TAKEN,
      {
        file: ASSIGNMENTS,
        find: 'fetching.seekAndResume(partition, taken.from);',
        replace: 'fetching.resume(partition);',
      },
    ],
    round: 'rebalanced',
    breaks: ['I8'],
  },
  {
    name: 'batch-dropped',
    does: 'takes a batch for queued that comes while another waits, and drops it',
    edits: [
      {
        file: QUEUE,
        find: '    const bytes = batch.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);\n',
        replace: `    if (this.#records.length > 0) {
      this.#next += BigInt(batch.length);
      return true;
    }
    const bytes = batch.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
`,
      },
    ],
    round: 'slowed',
    // The last one is missed by nobody until another comes.
    breaks: ['I1', 'I4', 'I8'],
  },
  {
    name: 'resolved-offsets-committed',
    does: 'has the client commit what was fetched, in place of what was processed',
    edits: [
      { file: CONSUMER, find: 'autoCommit: false,', replace: 'autoCommit: true,\n      autoCommitThreshold: 1,' },
    ],
    round: 'killed',
    breaks: ['I8'],
  },
  {
    name: 'client-not-rebuilt',
    does: 'makes no new client when one has crashed',
    edits: [
      {
        file: CONSUMER,
        find: '      await runClient();\n',
        replace: '      await runClient();\n      return;\n',
      },
    ],
    round: 'kafka-away',
    breaks: ['I8'],
  },
];
