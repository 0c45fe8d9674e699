// The relay as in production, with crash points between its statements and around its requests.
import { createRelay, relaySettings } from '@hookline/relay';
import { runService, type EffectKind } from '@hookline/runtime';
import { obeyHarness } from './control.ts';
import { crashingDatabase } from './crashing-database.ts';
import { crashKinds } from './kinds.ts';

const control = obeyHarness();

await runService({
  name: 'hookline-relay',
  description: 'is the relay under the crash harness.',
  ...relaySettings,
  create: (context) =>
    createRelay(context, {
      kinds: crashKinds(),
      aroundDatabase: (database) => crashingDatabase(database, control),
      aroundKind: crashing,
    }),
});

function crashing(kind: EffectKind): EffectKind {
  return {
    ...kind,
    async send(effect, attempt) {
      const result = await kind.send(effect, {
        ...attempt,
        begin() {
          attempt.begin();
          // Behind the last look at the lease, and before the first byte.
          control.reachNow('before-send');
        },
      });
      await control.reach('after-send');
      return result;
    },
  };
}
