import type { Bug } from '../bug.ts';

const ACCEPT = 'services/ingest/src/webhook/accept-delivery.ts';
const PREPARE = 'services/ingest/src/webhook/prepare-delivery.ts';
const SENDER = 'packages/kafka/src/append/sender.ts';
const PRODUCER = 'packages/kafka/src/append/log-producer.ts';

export const ingestBugs: Bug[] = [
  {
    name: 'answered-before-append',
    does: 'answers 202 before the log has the delivery',
    edits: [
      {
        file: ACCEPT,
        find: 'const appended = await settings.log.append(record);',
        replace: `const appended = { success: true, partition: 0, offset: '0' };\n    void settings.log.append(record);`,
      },
    ],
    round: 'ingest-killed',
    breaks: ['I1'],
  },
  {
    name: 'producer-not-awaited',
    does: 'takes what was handed to the producer for written',
    edits: [
      {
        file: SENDER,
        find: 'return read(batch, await producer.send(batch.map(settings.toMessage), timeoutMs));',
        replace: `producer.send(batch.map(settings.toMessage), timeoutMs).catch(() => {});
      return { success: true, offsets: batch.map(() => '0') };`,
      },
    ],
    round: 'acks-unheard',
    breaks: ['I1'],
  },
  {
    name: 'failed-send-accepted',
    does: 'takes a send that failed for one that succeeded',
    edits: [
      {
        file: SENDER,
        find: 'return { success: false, failure, error: error as Error };',
        replace: `return { success: true, offsets: batch.map(() => '0') };`,
      },
    ],
    round: 'brokers-away',
    breaks: ['I1'],
  },
  {
    name: 'idempotent-producer-reused',
    does: 'goes on with an idempotent producer after a send of it has failed',
    edits: [
      { file: PRODUCER, find: '    idempotent: false,', replace: '    idempotent: true,' },
      {
        file: SENDER,
        find: '    replace();\n    settings.onReplaced(error);',
        replace: '    settings.onReplaced(error);',
      },
    ],
    round: 'acks-unheard',
    breaks: ['I1', 'I8'],
  },
  {
    name: 'key-of-delivery',
    does: 'takes the GUID for the key that order is kept by',
    edits: [
      {
        file: PREPARE,
        find: 'const { key } = orderingKey(facts, source, settings.keyRule);',
        replace: 'const key = head.delivery.guid;',
      },
    ],
    round: 'calm',
    breaks: ['I1'],
  },
  {
    name: 'refused-while-open',
    does: 'answers that a delivery was processed before while it waits in a lane, or is dead',
    edits: [
      {
        file: ACCEPT,
        find: `if (known === 'settled') return`,
        replace: `if (known === 'settled' || known === 'open') return`,
      },
    ],
    round: 'failing',
    breaks: ['I1'],
  },
  {
    name: 'refused-from-memory',
    does: 'answers that a delivery was processed before when it has seen it before',
    edits: [
      {
        file: ACCEPT,
        find: `if (known === 'settled') return`,
        replace: `const seen = ((globalThis as { seen?: Set<string> }).seen ??= new Set());
  if (seen.has(arrival.guid)) return { code: settings.duplicate };
  seen.add(arrival.guid);
  if (known === 'settled') return`,
      },
    ],
    round: 'acks-unheard',
    breaks: ['I1'],
  },
  {
    name: 'another-partition',
    does: 'chooses the partition by another rule than processors do',
    edits: [
      {
        file: PREPARE,
        find: 'partition: partitionOf(key, settings.partitions),',
        replace: 'partition: key.length % settings.partitions,',
      },
    ],
    round: 'calm',
    breaks: ['I4'],
  },
];
