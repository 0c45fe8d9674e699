// A user's module of kinds, for the relay that is measured: a target that takes everything at once.
import type { EffectKind } from '@hookline/runtime';
import '../programs/leave-usage.ts';

const sink: EffectKind = {
  name: 'bench.sink',
  target: () => 'sink',
  onAmbiguous: () => 'resend',
  send(_, attempt) {
    attempt.begin();
    return Promise.resolve({ outcome: 'sent', result: { at: performance.timeOrigin + performance.now() } });
  },
};

// oxlint-disable-next-line import/no-default-export -- as a user's module of kinds has it
export default [sink];
