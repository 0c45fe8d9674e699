import { randomBytes } from 'node:crypto';
import { effectId } from '@hookline/contracts';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { makeRanges } from '../make-ranges.ts';
import { readBody } from '../stored-body.ts';
import { waitingForLock } from '../testing/backends.ts';
import { logged } from '../testing/deliveries.ts';
import { effect, SETTLE } from '../testing/effects.ts';
import { ownDatabase } from '../testing/own-database.ts';
import { fenceOf, PLACE } from '../testing/partitions.ts';
import { commit, transaction } from '../transaction.ts';
import { writeOutbox, type EffectToWrite } from './write-outbox.ts';

const database = ownDatabase();

beforeAll(async () => {
  await makeRanges(database);
});
beforeEach(async () => {
  await database.query('truncate hookline.outbox, hookline.settled_effects, hookline.audit_log');
});

const fence = fenceOf(3n, { incarnation: 9 });

const write = (effects: readonly EffectToWrite[]): Promise<number> =>
  transaction(database, { applicationName: 'writer' }, async (tx) => commit(await writeOutbox(tx, fence, effects)));

const rows = async (sql: string): Promise<Record<string, unknown>[]> => (await database.query(sql)).rows;
const keys = async (): Promise<unknown[]> =>
  (await rows('select effect_key from hookline.outbox order by position')).map((row) => row['effect_key']);

function idOf({ handler, requested, record: { delivery } }: EffectToWrite): string {
  return effectId({ ...delivery, handler, key: requested.key });
}

describe('writeOutbox', () => {
  it('keeps what was asked for, with the delivery that it is of', async () => {
    const asked = effect('first', { requested: { queue: 'slow' } });
    const { delivery } = asked.record;
    expect(await write([asked])).toBe(1);
    expect(await rows('select * from hookline.outbox')).toEqual([
      {
        consumer_group: PLACE.consumerGroup,
        topic: PLACE.topic,
        kafka_partition: PLACE.partition,
        effect_id: idOf(asked),
        position: expect.any(String),
        ordering_key: 'github.com/repository/1',
        queue: 'slow',
        kind: 'github.comment',
        handler: 'welcome',
        effect_key: 'first',
        source: delivery.source,
        dedup_scope: delivery.dedupScope,
        guid: delivery.guid,
        digest: delivery.digest,
        event: 'issues',
        action: 'opened',
        repository_id: '1',
        incarnation: 2,
        kafka_offset: '7',
        request: { body: 'Thanks!' },
        request_bytes: 19,
        headers: null,
        body: null,
        body_encoding: null,
        body_bytes: null,
        traceparent: null,
        created_at: expect.any(Date),
        state: 'waiting',
        attempts: 0,
        total_attempts: 0,
        due_at: expect.any(Date),
        attempt_started_at: null,
        attempt_ends_at: null,
        reason: null,
        error: null,
      },
    ]);
    expect(await rows('select from hookline.audit_log')).toEqual([]);
  });

  it('keeps the body and headers of the delivery, byte for byte, where they go with it', async () => {
    const body = Buffer.from('payload=%7B%7D'.repeat(40));
    const record = logged('github.com/repository/1', {}, { body, headers: { 'x-github-event': 'push' } });
    await write([effect('#0', { record, requested: { withBody: true } })]);
    const [row] = await rows('select * from hookline.outbox');
    const { body: bytes, body_encoding: encoding } = row as { body: Buffer; body_encoding: 'zstd' };
    expect(encoding).toBe('zstd');
    expect(readBody({ bytes, encoding })).toEqual(body);
    expect(row).toMatchObject({ body_bytes: body.length, headers: { 'x-github-event': 'push' } });
  });

  it('keeps the trace of the delivery', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const traced = logged('github.com/repository/1', {}, { headers: { traceparent } });
    await write([effect('untraced'), effect('traced', { record: traced })]);
    expect(await rows('select traceparent from hookline.outbox order by position')).toEqual([
      { traceparent: null },
      { traceparent },
    ]);
  });

  it('gives positions in the order in which effects were asked for', async () => {
    const asked = Array.from({ length: 300 }, (_, n) => `${n}`);
    await write(asked.map((key) => effect(key)));
    expect(await keys()).toEqual(asked);
  });

  it('keeps that order where the bodies are too large for one statement', async () => {
    const asked = ['a', 'b', 'c', 'd'];
    const effects = asked.map((key) => {
      const record = logged('github.com/repository/1', {}, { body: randomBytes(5_000_000) });
      return effect(key, { record, requested: { withBody: true } });
    });
    const texts: string[] = [];
    await transaction(database, {}, async (tx) => {
      const query: typeof tx.query = (text, values) => {
        texts.push(text);
        return tx.query(text, values);
      };
      return commit(await writeOutbox({ query }, fence, effects));
    });
    expect(await keys()).toEqual(asked);
    expect(texts.filter((text) => text.startsWith('insert into hookline.outbox'))).toHaveLength(4);
  });

  it('asks the database nothing where nothing was asked for', async () => {
    const query = () => Promise.reject(new Error('asked'));
    expect(await writeOutbox({ query }, fence, [])).toBe(0);
  });
});

describe('an effect that is asked for again', () => {
  const known = (asked: EffectToWrite) => [
    {
      stage: 'effect',
      decision: 'known',
      effect_id: idOf(asked),
      handler: 'welcome',
      guid: asked.record.delivery.guid,
      kafka_offset: '7',
      incarnation: 2,
      epoch: '3',
    },
  ];
  const audited = () =>
    rows('select stage, decision, effect_id, handler, guid, kafka_offset, incarnation, epoch from hookline.audit_log');

  it('stays as it is while it waits', async () => {
    const asked = effect();
    await write([asked]);
    await database.query(`update hookline.outbox set state = 'dead', reason = 'refused', attempts = 4`);
    const before = await rows('select * from hookline.outbox');
    expect(await write([asked, effect('other', { record: asked.record })])).toBe(1);
    expect((await rows('select * from hookline.outbox order by position'))[0]).toEqual(before[0]);
    expect(await keys()).toEqual(['#0', 'other']);
    expect(await audited()).toEqual(known(asked));
  });

  it('is not written once it is settled', async () => {
    const asked = effect();
    await write([asked]);
    await database.query(SETTLE, [idOf(asked)]);
    expect(await write([effect('before', { record: asked.record }), asked])).toBe(1);
    expect(await keys()).toEqual(['before']);
    expect(await audited()).toEqual(known(asked));
  });

  it('is known although a relay settles it at that very moment', async () => {
    const asked = effect();
    await write([asked]);
    const relay = await database.acquire();
    await relay.query('begin');
    await relay.query(SETTLE, [idOf(asked)]);
    const again = write([asked]);
    await waitingForLock(database, 'writer');
    await relay.query('commit');
    relay.release();
    expect(await again).toBe(0);
    expect(await keys()).toEqual([]);
    expect(await audited()).toEqual(known(asked));
  });
});
