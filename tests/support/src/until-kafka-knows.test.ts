import { describe, expect, it } from '@jest/globals';
import { untilKafkaKnows } from './until-kafka-knows.ts';

const kafkaSays = (type: string, retriable: boolean) => Object.assign(new Error(type), { type, retriable });

/** Fails with these, one after the other, and answers then. */
function failing(...errors: Error[]) {
  return () => {
    const error = errors.shift();
    return error ? Promise.reject(error) : Promise.resolve('answer');
  };
}

describe('untilKafkaKnows', () => {
  it('asks again after what Kafka calls retriable', async () => {
    const moved = () => kafkaSays('NOT_LEADER_FOR_PARTITION', true);
    await expect(untilKafkaKnows('the ends', failing(moved(), moved()))).resolves.toBe('answer');
  });

  it.each([
    ['what Kafka says for good', kafkaSays('TOPIC_AUTHORIZATION_FAILED', false)],
    ["a client's own error", Object.assign(new Error('closed'), { retriable: true })],
    ['a bug', new TypeError('a bug')],
  ])('throws %s at once', async (_, error) => {
    await expect(untilKafkaKnows('the ends', failing(error))).rejects.toBe(error);
  });

  it('does not ask for ever', async () => {
    const ask = () => Promise.reject(kafkaSays('NOT_LEADER_FOR_PARTITION', true));
    await expect(untilKafkaKnows('the ends', ask, 100)).rejects.toThrow('in vain for: the ends');
  });
});
