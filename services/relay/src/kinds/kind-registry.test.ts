import { describe, expect, it } from '@jest/globals';
import type { EffectKind } from '@hookline/runtime';
import { createKindRegistry, kindProblems } from './kind-registry.ts';

const kind = (name: string): EffectKind => ({
  name,
  target: () => 'a target',
  onAmbiguous: () => 'resend',
  send: () => Promise.resolve({ outcome: 'sent' }),
});

// Users' kinds are plain JavaScript, so that nothing but this has looked at them when the relay starts.
describe('the registry of kinds', () => {
  it('finds a kind by its name, and no other', () => {
    const post = kind('http.post');
    const registry = createKindRegistry([post, kind('chat.say')]);
    expect(registry.find('http.post')).toBe(post);
    expect(registry.find('toString')).toBeUndefined();
    expect(registry.names()).toEqual(['http.post', 'chat.say']);
  });

  it('names all that is wrong at once', () => {
    const broken = { name: 'b', target: () => 'x', send: 1, look: true } as unknown as EffectKind;
    const kinds = [kind('a'), kind('a'), { ...kind('c'), name: '' }, broken];
    expect(kindProblems(kinds)).toEqual([
      'Two kinds of effects have the name a.',
      'A kind of effect has no name.',
      'The kind b has no function `onAmbiguous`.',
      'The kind b has no function `send`.',
      'The kind b has a `look` that is no function.',
    ]);
    expect(() => createKindRegistry(kinds)).toThrow('Two kinds of effects have the name a. A kind of effect');
  });
});
