import type { EffectKind } from '@hookline/handlers';

interface Message {
  room?: unknown;
  text?: unknown;
}

// HOOKLINE_EFFECT_KINDS_MODULE=examples/handlers/src/chat-kind.ts (of the relay)
const say: EffectKind = {
  name: 'chat.say',
  // When the chat says that it is too much, all effects of this target wait.
  target: () => 'chat',
  // The chat knows a message by its id: what may have arrived can be sent again.
  onAmbiguous: () => 'resend',

  async send({ effectId, request }, attempt) {
    const { room, text } = request as Message;
    if (typeof room !== 'string' || typeof text !== 'string') {
      return { outcome: 'refused', error: 'It has no room, or no text.' };
    }
    const url = new URL(`/rooms/${encodeURIComponent(room)}/messages/${effectId}`, process.env['CHAT_URL']);
    attempt.begin();
    const { ok, status } = await fetch(url, { method: 'PUT', body: text, redirect: 'error', signal: attempt.signal });
    if (ok) return { outcome: 'sent', result: { status } };
    if (status === 429) return { outcome: 'limited', error: 'The chat has had enough.', afterMs: 60_000 };
    const error = `The chat answered ${status}.`;
    return status >= 500 ? { outcome: 'failed', error } : { outcome: 'refused', error };
  },
};

export default [say];
