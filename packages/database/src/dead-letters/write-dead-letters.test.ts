import { beforeEach, describe, expect, it } from '@jest/globals';
import { readBody, storedBytes } from '../stored-body.ts';
import { logged } from '../testing/deliveries.ts';
import { ownDatabase } from '../testing/own-database.ts';
import { fenceOf, PLACE } from '../testing/partitions.ts';
import { errorFingerprint } from './error-fingerprint.ts';
import { writeDeadLetters, type DeadDelivery, type DeadLetter } from './write-dead-letters.ts';

const database = ownDatabase();

beforeEach(async () => {
  await database.query('truncate hookline.dead_letters, hookline.dead_deliveries');
});

const fence = fenceOf(1n, { incarnation: 9 });

function letter(handler: string | null, given: Partial<DeadLetter> = {}): DeadLetter {
  const reason = handler === null ? 'undecodable' : 'handler-failed';
  return { handler, reason, attempts: 10, ...errorFingerprint(new Error('no such label')), ...given };
}

function dead(offset: bigint, letters: DeadLetter[], given: Partial<DeadDelivery> = {}): DeadDelivery {
  const place = { incarnation: 2, offset, time: Date.UTC(2026, 0, 1) };
  return { place, delivery: logged('github.com/repository/1', { offset }), raw: null, letters, ...given };
}

const rows = async (sql: string): Promise<Record<string, unknown>[]> => (await database.query(sql)).rows;
const letters = () =>
  rows('select kafka_offset, handler, reason, attempts from hookline.dead_letters order by dead_letter_id');

describe('what died', () => {
  it('is kept as it was in the log, with one letter for each handler that failed', async () => {
    const body = Buffer.from('{"action":"opened"}'.repeat(50));
    const delivery = logged('github.com/repository/1', {}, { headers: { 'user-agent': 'ünï "x"' }, body });
    const [first, second] = [letter('welcome', { stack: null }), letter('count', { reason: 'process-killed' })];
    await writeDeadLetters(database, fence, [dead(9_007_199_254_740_993n, [first, second], { delivery })]);
    const place = {
      consumer_group: PLACE.consumerGroup,
      topic: PLACE.topic,
      kafka_partition: 1,
      incarnation: 2,
      kafka_offset: '9007199254740993',
    };
    const { delivery: of } = delivery;
    const [kept] = await rows('select * from hookline.dead_deliveries');
    expect(kept).toEqual({
      ...place,
      appended_at: new Date(Date.UTC(2026, 0, 1)),
      ordering_key: 'github.com/repository/1',
      source: of.source,
      dedup_scope: of.dedupScope,
      guid: of.guid,
      digest: of.digest,
      event: of.event,
      action: of.action,
      repository_id: of.repositoryId,
      hook_id: of.hookId,
      received_at: new Date(of.receivedAt),
      headers: of.headers,
      secret_label: of.secretLabel,
      record_key: null,
      body: storedBytes(body).bytes,
      body_encoding: 'zstd',
      body_bytes: body.length,
      erased_at: null,
      seen_incarnation: null,
      seen_offset: null,
    });
    expect(await rows('select * from hookline.dead_letters order by handler desc')).toEqual(
      [first, second].map((one) => ({
        ...place,
        dead_letter_id: expect.any(String),
        state: 'dead',
        generation: 1,
        occurrences: '1',
        settled_at: null,
        handler: one.handler,
        reason: one.reason,
        attempts: 10,
        error_fingerprint: one.fingerprint,
        error_message: 'no such label',
        error_stack: one.stack,
        dead_at: expect.any(Date),
      })),
    );
  });

  it('may be no delivery: then its key and value are kept, whatever they are', async () => {
    const raws = [
      { key: Buffer.from([0, 255]), value: Buffer.from([0, 1, 2]) },
      { key: null, value: null },
      { key: null, value: Buffer.alloc(5000, 'a') },
      { key: null, value: Buffer.alloc(0) },
    ];
    await writeDeadLetters(
      database,
      fence,
      raws.map((raw, i) => dead(BigInt(i), [letter(null)], { delivery: null, raw })),
    );
    const kept = await rows(
      'select record_key, body, body_encoding, guid, headers from hookline.dead_deliveries order by kafka_offset',
    );
    expect(
      kept.map(({ body, body_encoding: encoding, ...row }) => ({
        ...row,
        body: encoding === null ? body : readBody({ encoding: encoding as 'zstd', bytes: body as Buffer }),
      })),
    ).toEqual(raws.map(({ key, value }) => ({ record_key: key, body: value, guid: null, headers: null })));
    expect((await letters()).map(({ reason }) => reason)).toEqual(raws.map(() => 'undecodable'));
  });

  it('is kept once, though its handlers die one after another', async () => {
    const first = dead(5n, [letter('welcome')]);
    await writeDeadLetters(database, fence, [first]);
    await writeDeadLetters(database, fence, [{ ...first, letters: [letter('count')] }]);
    expect((await letters()).map(({ handler }) => handler)).toEqual(['welcome', 'count']);
    expect(await rows('select 1 from hookline.dead_deliveries')).toHaveLength(1);
  });

  // A human who goes back in the log has it read again; to refuse it then would halt the partition for ever.
  it('dies once: read again, it stays as it was', async () => {
    const first = dead(5n, [letter(null)], { delivery: null, raw: { key: null, value: Buffer.from('foreign') } });
    await writeDeadLetters(database, fence, [first]);
    await writeDeadLetters(database, fence, [{ ...first, letters: [letter(null, { attempts: 99 })] }]);
    expect(await letters()).toEqual([{ kafka_offset: '5', handler: null, reason: 'undecodable', attempts: 10 }]);
  });

  it('is another one at the same offset of another log, and in another partition', async () => {
    const first = dead(5n, [letter('welcome')]);
    await writeDeadLetters(database, fence, [
      first,
      { ...first, place: { ...first.place, incarnation: 3 } },
      { ...first, place: { ...first.place, offset: 6n } },
    ]);
    await writeDeadLetters(database, fenceOf(1n, { partition: 2 }), [first]);
    expect(await letters()).toHaveLength(4);
    expect(await rows('select 1 from hookline.dead_deliveries')).toHaveLength(4);
  });

  it('needs no statement when there is none', async () => {
    const none = { query: () => Promise.reject(new Error('no statement is needed')) };
    await expect(writeDeadLetters(none, fence, [])).resolves.toBeUndefined();
  });
});
