import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { until } from '@hookline/test-support';
import { notingKind, type SentEffect } from './testing/kinds.ts';
import { relayWorld } from './testing/relay-world.ts';

const world = relayWorld(1);

const settled = (ids: readonly string[]) =>
  until('all are settled', async () => (await world.states(ids))['settled'] === ids.length);

describe('a relay', () => {
  it('has effects wait whose kind throws where it must not, and no others', async () => {
    const sent: SentEffect[] = [];
    const kind = notingKind(sent, undefined, {
      target({ orderingKey }) {
        if (orderingKey === 'a') throw new Error('no target');
        return 'sink';
      },
      onAmbiguous({ orderingKey }) {
        if (orderingKey === 'b') throw new Error('no idea');
        return 'resend';
      },
    });
    await world.start({ kinds: [kind] });
    const [a, b, c] = (await world.give(['a', 'b', 'c'].map((orderingKey) => ({ orderingKey })))) as [
      string,
      string,
      string,
    ];
    await settled([a, c]);
    const error = await until('it waits', async () => {
      const { rows } = await world.database.query<{ error: string | null }>(
        `select error from hookline.outbox where effect_id = $1 and state = 'waiting' and attempts = 0`,
        [b],
      );
      return rows[0]?.error ?? undefined;
    });
    expect(error).toBe('The kind test.send has failed: no idea');
  });

  // The target of a large request is known only when it is claimed.
  it('puts off what it has claimed for a target that takes no more', async () => {
    const sent: SentEffect[] = [];
    const gate = Promise.withResolvers<undefined>();
    const kind = notingKind(sent, ({ request }) => (request['target'] === 'hangs' ? gate.promise : undefined));
    await world.start({ kinds: [kind] }, { HOOKLINE_EFFECT_CONCURRENCY: '8' });
    const text = randomBytes(9000).toString('base64');
    const ids = await world.give(
      Array.from({ length: 8 }, (_, n) => ({ orderingKey: `h${n}`, request: { target: 'hangs', text } })),
    );
    await until('the others are put off', async () => {
      const { rows } = await world.database.query(
        `select from hookline.outbox where error = 'Its target takes no more now.' and attempts = 0`,
      );
      return rows.length === 4;
    });
    await settled(await world.give(['a', 'b'].map((orderingKey) => ({ orderingKey }))));
    gate.resolve(undefined);
    await settled(ids);
    expect(new Set(sent.map(({ attempt }) => attempt))).toEqual(new Set([1]));
  });
});
