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
  {
    name: 'claims-of-one-topic',
    does: 'looks for claims under the present topic only, and claims again without a word',
    edits: [
      {
        file: 'packages/database/src/find-identities.ts',
        find: 'limit 1) as claim on true',
        replace: 'and known.topic = $2 limit 1) as claim on true',
      },
      {
        file: 'packages/database/src/claim-identities.ts',
        find: '$8::bigint[], $9::text[])`,',
        replace: '$8::bigint[], $9::text[]) on conflict do nothing`,',
      },
    ],
    round: 'moved-dead',
    breaks: ['I2', 'I4'],
  },
  {
    name: 'moved-before-read',
    does: 'moves the log while the former topic has records that were not read',
    edits: [
      { file: MOVE, find: 'if (undrained.length > 0) return', replace: 'if (undrained.length < 0) return' },
      {
        file: 'packages/cli/src/generation-drain.ts',
        find: 'if (left.length === 0) return consumerGroup;',
        replace: 'if (left) return consumerGroup;',
      },
    ],
    round: 'moved',
    breaks: ['I8'],
  },
  {
    name: 'next-topic-before-seal',
    does: 'appends to either topic once the next one is prepared, and seals the former a while later',
    edits: [
      {
        file: SEAL,
        find: '      const appended = await present.append(record);\n',
        replace: `      if (next.schemaId.value() !== undefined && Math.random() < 0.5) return appendToNext(record, startedAt);
      const appended = await present.append(record);\n`,
      },
      {
        file: 'packages/cli/src/generation-seal.ts',
        find: '  await sealTopic(connection, logger, topic);\n',
        replace: '  await delay(2000);\n  await sealTopic(connection, logger, topic);\n',
      },
    ],
    round: 'moved',
    breaks: ['I3'],
  },
  {
    name: 'held-left-behind',
    does: 'moves the log to another topic, and nothing with it that is held',
    edits: [{ file: MOVE, find: 'const held = await moveHeldDeliveries(tx, places);', replace: 'const held = 0;' }],
    round: 'moved-decided',
    breaks: ['I8'],
  },
];
