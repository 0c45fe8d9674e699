import type { Bug } from '../bug.ts';

const MOVE = 'packages/database/src/generations/move-generation.ts';
const PLACES = 'packages/database/src/generations/new-places.ts';
const SEAL = 'services/ingest/src/generations/follow-seal.ts';

export const generationBugs: Bug[] = [
  {
    name: 'lanes-left-behind',
    does: 'moves the log to another topic, and no lanes with it',
    edits: [
      {
        file: MOVE,
        find: 'const { lanes, waiting } = await moveLanes(tx, places);',
        replace: 'const { lanes, waiting } = { lanes: 0, waiting: 0 };',
      },
    ],
    round: 'moved',
    breaks: ['I8'],
  },
  {
    name: 'dead-left-behind',
    does: 'moves the log to another topic, and no dead letters with it',
    edits: [{ file: MOVE, find: 'const dead = await moveDeadDeliveries(tx, places);', replace: 'const dead = 0;' }],
    round: 'moved',
    breaks: ['I8'],
  },
  {
    name: 'moved-to-one-partition',
    does: 'gives all that waits to one partition of the next topic, whatever its key',
    edits: [
      {
        file: PLACES,
        find: 'partitionOfKey: keys.map(partitionOf) };',
        replace: 'partitionOfKey: keys.map(() => 0) };',
      },
    ],
    round: 'moved',
    breaks: ['I8'],
  },
  {
    name: 'places-not-told-apart',
    does: 'takes a place of the former topic for the same place of the next one',
    edits: [
      {
        file: PLACES,
        find: 'return `(select former.incarnation',
        replace: 'if (column) return `old.${column}`;\n  return `(select former.incarnation',
      },
    ],
    round: 'moved',
    breaks: ['I2', 'I4'],
  },
  {
    name: 'next-topic-by-old-count',
    does: 'chooses the partition in the next topic by the number of partitions of the former',
    edits: [
      { file: SEAL, find: 'partition: partitionOf(key, next.partitions),', replace: 'partition: record.partition,' },
    ],
    round: 'moved',
    breaks: ['I4'],
  },
];
