import type { EffectKind, SendableEffect } from '@hookline/runtime';

interface GatedRequest {
  /** The server of the test. */
  url: string;
  /** Where the relay that is called so dies. */
  dies?: string;
}

const name = process.env['HOOKLINE_TEST_RELAY'] ?? 'another';

const ask = async (effect: SendableEffect, method: string, path: string): Promise<string> => {
  const response = await fetch(`${requestOf(effect).url}/${path}/${name}/${effect.effectId}`, { method });
  return response.text();
};

/** The process ends here, as by a power cut, if the effect says so: once, since the other relay has another name. */
async function dieAt(effect: SendableEffect, point: string): Promise<void> {
  if (requestOf(effect).dies !== `${name} ${point}`) return;
  process.kill(process.pid, 'SIGKILL');
  await new Promise(() => {});
}

/** Asks the test's server before it begins, so that the test can hold it there; then posts. It can be looked into. */
const gated: EffectKind = {
  name: 'test.gated',
  target: () => 'server',
  onAmbiguous: () => 'look',
  async send(effect, attempt) {
    await dieAt(effect, 'claimed');
    await ask(effect, 'GET', 'before');
    attempt.begin();
    await dieAt(effect, 'begun');
    await ask(effect, 'POST', 'done');
    await dieAt(effect, 'sent');
    return { outcome: 'sent' };
  },
  async look(effect) {
    return (await ask(effect, 'GET', 'seen')) === 'yes' ? { found: 'sent' } : { found: 'nothing' };
  },
};

function requestOf({ request }: SendableEffect): GatedRequest {
  return request as GatedRequest;
}

// oxlint-disable-next-line import/no-default-export -- as a user's module of kinds has it
export default [gated];
