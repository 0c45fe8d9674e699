import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { effectId, type EffectOrigin } from './effects.ts';

const ORIGIN: EffectOrigin = {
  dedupScope: 'main',
  guid: '72d3162e-cc78-11e3-81ab-4c9367dc0958',
  digest: Buffer.alloc(32, 7),
  handler: 'welcome',
  key: '#0',
};

const origin = fc.record({
  dedupScope: fc.string(),
  guid: fc.uuid(),
  digest: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
  handler: fc.string(),
  key: fc.string(),
});

describe('the id of an effect', () => {
  it('is a UUID of version 8, and stays what it is: receivers have it as their idempotency key', () => {
    expect(effectId(ORIGIN)).toBe('b559eaa6-cf00-8d6c-bb54-541dd1d4a9e2');
    fc.assert(
      fc.property(origin, (one) => {
        expect(effectId(one)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(effectId({ ...one })).toBe(effectId(one));
      }),
    );
  });

  it('is another for another delivery, handler or key', () => {
    const others = [
      { dedupScope: 'other' },
      { guid: '72d3162e-cc78-11e3-81ab-4c9367dc0959' },
      { digest: Buffer.alloc(32, 8) },
      { handler: 'welcome2' },
      { key: '#1' },
    ].map((change) => effectId({ ...ORIGIN, ...change }));
    expect(new Set([effectId(ORIGIN), ...others]).size).toBe(others.length + 1);
  });

  it('does not depend on where its parts are cut', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), fc.string(), (handler, moved, key) => {
        const id = effectId({ ...ORIGIN, handler: handler + moved, key });
        expect(effectId({ ...ORIGIN, handler, key: moved + key })).not.toBe(id);
      }),
    );
  });
});
