import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isRuled, KEY_RULES, namespaceOf, orderingKey, type KeyFacts } from './key.ts';

const ORIGIN = { namespace: 'github.com', dedupScope: 'main' };
const ALL: KeyFacts = {
  repositoryId: '1',
  ownerId: '9',
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
      const { kind, key } = orderingKey(facts, ORIGIN, 'repository');
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
    const others = fc.record({ ownerId: id, installationId: id, organizationId: id, enterpriseId: id, senderId: id });
    fc.assert(
      fc.property(others, (rest) => {
        expect(orderingKey({ ...rest, repositoryId: '7' }, ORIGIN, 'repository').key).toBe('github.com/repository/7');
      }),
    );
  });

  it('keeps every digit of an id above 2^53: two repositories must not share an order by rounding', () => {
    const keys = ['9007199254740992', '9007199254740993'].map(
      (repositoryId) => orderingKey({ ...ALL, repositoryId }, ORIGIN, 'repository').key,
    );
    expect(keys).toEqual(['github.com/repository/9007199254740992', 'github.com/repository/9007199254740993']);
  });

  it('tells the same id of two GitHub hosts apart, and the same id of two kinds', () => {
    const keys = [
      orderingKey(ALL, ORIGIN, 'repository'),
      orderingKey(ALL, { ...ORIGIN, namespace: 'ghe.example.com' }, 'repository'),
      orderingKey({ ...ALL, repositoryId: null, installationId: '1' }, ORIGIN, 'repository'),
    ].map(({ key }) => key);
    expect(new Set(keys).size).toBe(3);
  });
});

const id = fc.option(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String));
const facts: fc.Arbitrary<KeyFacts> = fc.record({
  repositoryId: id,
  ownerId: id,
  installationId: id,
  organizationId: id,
  enterpriseId: id,
  senderId: id,
});
const origin = fc.record({
  namespace: fc.constantFrom('github.com', 'ghe.example.com'),
  dedupScope: fc.constantFrom('main', 'a/b/7'),
});

describe('the key rule `owner`', () => {
  it('is the owner of the repository, and the repository where no owner is named', () => {
    const of = (change: Partial<KeyFacts>) => orderingKey({ ...ALL, ...change }, ORIGIN, 'owner');
    expect(of({})).toEqual({ kind: 'owner', key: 'github.com/owner/9' });
    expect(of({ repositoryId: '2' })).toEqual(of({}));
    expect(of({ ownerId: null }).key).toBe('github.com/repository/1');
    // Of an owner alone nothing is ordered: it is the repositories that are.
    expect(of({ repositoryId: null }).key).toBe('github.com/installation/2');
  });

  it('puts what is in one order by repository into one order, wherever the owner is the same', () => {
    fc.assert(
      fc.property(facts, facts, origin, (one, other, at) => {
        const both = [one, { ...other, repositoryId: one.repositoryId, ownerId: one.ownerId }];
        fc.pre(one.repositoryId !== null);
        expect(new Set(both.map((each) => orderingKey(each, at, 'owner').key)).size).toBe(1);
      }),
    );
  });

  // A move to another rule leaves them where they are, holds of them included.
  it('changes no key but those of repositories', () => {
    fc.assert(
      fc.property(facts, origin, (one, at) => {
        const keys = KEY_RULES.map((rule) => orderingKey(one, at, rule).key);
        for (const key of keys) {
          expect(namespaceOf(key)).toBe(at.namespace);
          expect(isRuled(key)).toBe(one.repositoryId !== null);
        }
        if (one.repositoryId === null) expect(new Set(keys).size).toBe(1);
      }),
    );
  });
});
