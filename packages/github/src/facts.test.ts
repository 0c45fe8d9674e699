import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { payloadFacts } from './facts.ts';
import type { Payload } from './payload.ts';

const factsOf = (text: string) => payloadFacts(JSON.parse(text) as Payload, text);
const NONE = {
  action: null,
  repositoryId: null,
  ownerId: null,
  installationId: null,
  organizationId: null,
  enterpriseId: null,
  senderId: null,
};

describe('payloadFacts', () => {
  it('takes the action and the ids', () => {
    const text = JSON.stringify({
      action: 'opened',
      repository: { id: 1, owner: { id: 99 } },
      installation: { id: 2 },
      organization: { id: 3 },
      enterprise: { id: 4 },
      sender: { id: 5 },
    });
    expect(factsOf(text)).toEqual({
      action: 'opened',
      repositoryId: '1',
      ownerId: '99',
      installationId: '2',
      organizationId: '3',
      enterpriseId: '4',
      senderId: '5',
    });
  });

  it('keeps ids beyond 2^53 exact, of which JSON.parse makes neighbours one', () => {
    expect(factsOf('{"repository":{"id":9007199254740993},"sender":{"id":7}}')).toEqual({
      ...NONE,
      repositoryId: '9007199254740993',
      senderId: '7',
    });
    expect(factsOf('{"repository":{"id":18446744073709551615}}').repositoryId).toBe('18446744073709551615');
    const owned =
      '{"repository":{"owner":{"id":1}},"repository":{"id":1,"owner":{"id":9007199254740993},"x":{"id":2}}}';
    expect(factsOf(owned).ownerId).toBe('9007199254740993');
  });

  it('takes an id as the last value where a key is repeated, as JSON.parse does', () => {
    expect(factsOf('{"repository":{"id":1},"repository":{"id":2}}').repositoryId).toBe('2');
    expect(factsOf('{"repository":{"id":1,"id":9007199254740993}}').repositoryId).toBe('9007199254740993');
  });

  it.each([
    ['{}', null],
    ['{"repository":null}', null],
    ['{"repository":7}', null],
    ['{"repository":"7"}', null],
    ['{"repository":[]}', null],
    ['{"repository":{}}', null],
    ['{"repository":{"id":null}}', null],
    ['{"repository":{"id":{"id":1}}}', null],
    ['{"repository":{"id":true}}', null],
    ['{"repository":{"id":-1}}', null],
    ['{"repository":{"id":-9007199254740993}}', null],
    ['{"repository":{"id":1.5}}', null],
    ['{"repository":{"id":1e30}}', null],
    ['{"repository":{"id":1e999}}', null],
    ['{"repository":{"id":184467440737095516150}}', null],
    ['{"repository":{"id":""}}', null],
    ['{"repository":{"id":"007"}}', null],
    ['{"repository":{"id":"1\\n"}}', null],
    ['{"repository":{"id":"MDEwOlJlcG9zaXRvcnkx"}}', null],
    ['{"__proto__":{"repository":{"id":1}}}', null],
    ['{"repository":{"id":"12345678901234567890"}}', '12345678901234567890'],
    ['{"repository":{"id":0}}', '0'],
    ['{"repository":{"id":1e3}}', '1000'],
  ])('%s: repository id %s', (text, repositoryId) => {
    expect(factsOf(text)).toEqual({ ...NONE, repositoryId });
  });

  it('counts an action as absent that is no short string which every store can hold', () => {
    for (const action of [null, 7, {}, 'x'.repeat(101), 'opened\0', '\ud83d', '\ude00x']) {
      expect(factsOf(JSON.stringify({ action })).action).toBeNull();
    }
    for (const action of ['', 'x'.repeat(100), '\ud83d\ude00']) {
      expect(factsOf(JSON.stringify({ action })).action).toBe(action);
    }
  });

  it('reads a payload of any depth', () => {
    const deep = `${'[{"id":'.repeat(50_000)}0${'}]'.repeat(50_000)}`;
    const text = `{"before":${deep},"repository":{"deep":${deep},"id":9007199254740993,"x":${deep}},"after":${deep}}`;
    expect(factsOf(text).repositoryId).toBe('9007199254740993');
  });

  it('gives any 64-bit id back digit for digit, as a number and as a string', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (id) => {
        expect(factsOf(`{"repository":{"id":${id}}}`).repositoryId).toBe(String(id));
        expect(factsOf(`{"repository":{"id":"${id}"}}`).repositoryId).toBe(String(id));
      }),
    );
  });

  it('never throws, whatever JSON object it is given', () => {
    const owner = fc.constantFrom('repository', 'installation', 'organization', 'enterprise', 'sender', 'action');
    fc.assert(
      fc.property(fc.dictionary(owner, fc.oneof(fc.jsonValue(), fc.record({ id: fc.jsonValue() }))), (payload) => {
        for (const value of Object.values(factsOf(JSON.stringify(payload)))) {
          expect(value === null || typeof value === 'string').toBe(true);
        }
      }),
    );
  });
});
