import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { orderingKey, type KeyFacts } from './key.ts';

const ORIGIN = { namespace: 'github.com', dedupScope: 'main' };
const ALL: KeyFacts = {
  repositoryId: '1',
  installationId: '2',
  organizationId: '3',
  enterpriseId: '4',
  senderId: '5',
};
const LEVELS = ['repository', 'installation', 'organization', 'enterprise', 'sender'] as const;

describe('the ordering key', () => {
  it('is the first level that the payload names, from repository down to sender, and the scope when it names none', () => {
    const facts = { ...ALL };
    const kinds: string[] = [];
    for (const level of [...LEVELS, 'scope' as const]) {
      const { kind, key } = orderingKey(facts, ORIGIN);
      kinds.push(key);
      expect(kind).toBe(level);
      if (level !== 'scope') facts[`${level}Id`] = null;
    }
    expect(kinds).toEqual([
      'github.com/repository/1',
      'github.com/installation/2',
      'github.com/organization/3',
      'github.com/enterprise/4',
      'github.com/sender/5',
      'github.com/scope/main',
    ]);
  });

  it('depends on nothing below the level that decides: a repository keeps its key whoever sends', () => {
    const id = fc.option(fc.bigInt({ min: 1n, max: 2n ** 63n }).map(String));
    const others = fc.record({ installationId: id, organizationId: id, enterpriseId: id, senderId: id });
    fc.assert(
      fc.property(others, (rest) => {
        expect(orderingKey({ ...rest, repositoryId: '7' }, ORIGIN).key).toBe('github.com/repository/7');
      }),
    );
  });

  it('keeps every digit of an id above 2^53: two repositories must not share an order by rounding', () => {
    const keys = ['9007199254740992', '9007199254740993'].map(
      (repositoryId) => orderingKey({ ...ALL, repositoryId }, ORIGIN).key,
    );
    expect(keys).toEqual(['github.com/repository/9007199254740992', 'github.com/repository/9007199254740993']);
  });

  it('tells the same id of two GitHub hosts apart, and the same id of two kinds', () => {
    const keys = [
      orderingKey(ALL, ORIGIN),
      orderingKey(ALL, { ...ORIGIN, namespace: 'ghe.example.com' }),
      orderingKey({ ...ALL, repositoryId: null, installationId: '1' }, ORIGIN),
    ].map(({ key }) => key);
    expect(new Set(keys).size).toBe(3);
  });
});
