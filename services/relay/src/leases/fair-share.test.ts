import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fairShare } from './fair-share.ts';

it('leaves no shard without a relay, and asks of none more than it must', () => {
  fc.assert(
    fc.property(fc.nat(100), fc.nat(500), (relays, shards) => {
      const share = fairShare({ relays, shards });
      const there = Math.max(1, relays);
      expect(share * there).toBeGreaterThanOrEqual(shards);
      expect((share - 1) * there).toBeLessThan(Math.max(1, shards));
    }),
  );
});
