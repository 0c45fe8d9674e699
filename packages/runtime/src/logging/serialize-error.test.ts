import { describe, expect, it } from '@jest/globals';
import { serializeError } from './serialize-error.ts';

describe('a serialized error', () => {
  it('keeps the parts of an aggregate, as of a connection tried on two addresses', () => {
    const error = new AggregateError([Object.assign(new Error('refused'), { code: 111 }), 'text'], 'all failed');
    expect(serializeError(error)).toMatchObject({
      type: 'AggregateError',
      message: 'all failed',
      errors: [
        { type: 'Error', message: 'refused', code: 111 },
        { type: 'string', message: 'text' },
      ],
    });
  });

  it('ends where the causes go in a circle', () => {
    const error = new Error('snake');
    error.cause = error;
    const text = JSON.stringify(serializeError(error));
    expect(text.match(/"type"/g)).toHaveLength(9);
  });

  // Whatever a handler throws is told of: a log line that throws would take the place of the failure that it tells of.
  it.each<[string, unknown]>([
    ['has no prototype', Object.create(null)],
    [
      'throws when it is looked at',
      Object.defineProperty(new Error('hidden'), 'message', {
        get() {
          throw new Error('nobody may look');
        },
      }),
    ],
    ['is a proxy that was revoked', revoked()],
  ])('is made of what %s', (_, thrown) => {
    expect(serializeError(thrown)).toEqual({ type: 'object', message: 'Something was thrown that cannot be read.' });
  });

  it('does without a stack, and with a code that is neither text nor number', () => {
    const error = Object.assign(new Error('bare'), { code: { nested: true } });
    delete error.stack;
    expect(serializeError(error)).toEqual({ type: 'Error', message: 'bare' });
  });
});

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
