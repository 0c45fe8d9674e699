import { testStack } from '@hookline/local-stack';
import { expect, it } from '@jest/globals';
import { withSystem } from './open-system.ts';

it('says what a program that fails has said, and waits no longer for what it was to do', async () => {
  const context = { stack: await testStack(), from: 'source', profiles: null } as const;
  const forever = new Promise<never>(() => {});
  const done = withSystem(context, (system) => {
    system.startProcessor({ env: { HOOKLINE_DATABASE_POOL_SIZE: '2' } });
    return forever;
  });
  await expect(done).rejects.toThrow(/ended too soon.*HOOKLINE_LANE_CONCURRENCY is 4: it must be below/s);
});
