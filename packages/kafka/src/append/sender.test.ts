import { until } from '@hookline/test-support';
import { describe, expect, it } from '@jest/globals';
import type { RecordMetadata } from 'kafkajs';
import type { Queued } from './append-queue.ts';
import type { LogProducer } from './log-producer.ts';
import { createSender, type SendOutcome } from './sender.ts';

const record = (partition: number): Queued<string> => ({
  partition,
  bytes: 1,
  deadline: 0,
  item: 'x',
  alone: false,
  done: false,
});
const answer = (...partitions: number[]): RecordMetadata[] =>
  partitions.map((partition) => ({ topicName: 'log', partition, errorCode: 0, baseOffset: '5' }));

/** A sender over producers that answer as written down; what became of sends and producers is kept. */
function scripted(answers: RecordMetadata[][], batches: Queued<string>[][]) {
  const outcomes: SendOutcome[] = [];
  const abandoned: number[] = [];
  const attempts: number[] = [];
  const sender = createSender<string>({
    next: () => batches.shift() ?? [],
    toMessage: ({ item }) => ({ value: item }),
    timeoutFor: () => 1_000,
    onOutcome: (_, outcome) => outcomes.push(outcome),
    onReplaced: () => undefined,
    judgeTooLarge: () => Promise.resolve('TOO_LARGE'),
    createProducer(attempt): LogProducer {
      attempts.push(attempt);
      return {
        send: () => Promise.resolve(answers.shift() ?? []),
        abandon: () => abandoned.push(attempt),
        close: () => Promise.resolve(),
      };
    },
  });
  return { sender, outcomes, abandoned, attempts };
}

describe('a sender', () => {
  /** What KafkaJS resolves with when a partition has moved between its tries, or is missing in its metadata. */
  it('takes an answer that leaves a partition out for a failure, and goes on with a new producer', async () => {
    const { sender, outcomes, abandoned, attempts } = scripted(
      [answer(0), answer(0, 1)],
      [
        [record(0), record(1)],
        [record(0), record(1)],
      ],
    );
    sender.pump();
    await until('both sends are over', () => outcomes.length === 2);
    expect(outcomes[0]).toMatchObject({
      success: false,
      failure: 'TRANSIENT',
      error: new Error('the answer does not name partition 1'),
    });
    expect(outcomes[1]).toEqual({ success: true, offsets: ['5', '5'] });
    expect([abandoned, attempts]).toEqual([[0], [0, 1]]);
    await sender.close();
  });

  it('renews its producer before the next send, and not under the one that is on its way', async () => {
    const { sender, outcomes, abandoned, attempts } = scripted([answer(0), answer(0)], [[record(0)], [record(0)]]);
    sender.pump();
    sender.renew();
    expect(abandoned).toEqual([]);
    await until('both sends are over', () => outcomes.length === 2);
    expect([abandoned, attempts]).toEqual([[0], [0, 1]]);
    await sender.close();
  });

  it('sends nothing more when it is closed, after a failure neither', async () => {
    const { sender, outcomes } = scripted([answer()], [[record(0)], [record(0)]]);
    sender.pump();
    await sender.close();
    await until('the send is over', () => outcomes.length === 1);
    sender.pump();
    expect(outcomes).toHaveLength(1);
  });
});
