import { describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { classifyFailure } from './classify-failure.ts';

const protocolError = (type: string, code: number) =>
  new kafkajs.KafkaJSProtocolError({
    name: 'KafkaJSProtocolError',
    message: type,
    type,
    code,
    retriable: false,
  } as never);

describe('classifyFailure', () => {
  it.each([
    ['MESSAGE_TOO_LARGE', 10, 'TOO_LARGE'],
    ['RECORD_LIST_TOO_LARGE', 18, 'TOO_LARGE'],
    ['INVALID_RECORD', 87, 'INVALID'],
    ['TOPIC_AUTHORIZATION_FAILED', 29, 'REFUSED'],
    ['NOT_LEADER_FOR_PARTITION', 6, 'TRANSIENT'],
    ['NOT_ENOUGH_REPLICAS', 19, 'TRANSIENT'],
    ['UNKNOWN', -1, 'TRANSIENT'],
  ])('goes by the code of %s, and not by what KafkaJS calls retriable', (type, code, expected) => {
    expect(classifyFailure(protocolError(type, code))).toBe(expected);
  });

  it('finds the code under wrappings', () => {
    const wrapped = new Error('gave up', {
      cause: new Error('again', { cause: protocolError('MESSAGE_TOO_LARGE', 10) }),
    });
    expect(classifyFailure(wrapped)).toBe('TOO_LARGE');
  });

  it('takes everything else for an outage: a system error has a code too, in letters', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    expect([refused, new Error('late'), 'text', undefined].map(classifyFailure)).toEqual(Array(4).fill('TRANSIENT'));
  });
});
