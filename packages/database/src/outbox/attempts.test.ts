import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo, until } from '@hookline/test-support';
import type { Database } from '../database.ts';
import { makeRanges } from '../make-ranges.ts';
import { storedBytes } from '../stored-body.ts';
import { commit, transaction } from '../transaction.ts';
import { giveEffect, givePartitions, readEffect, readEffectAudit } from '../testing/outbox.ts';
import { PLACE } from '../testing/partitions.ts';
import { claimAttempts } from './claim-attempts.ts';
import { ensureShards } from './ensure-shards.ts';
import type { QueuedEffect } from './queued-effect.ts';
import { readOutboxPage } from './read-outbox-page.ts';
import { readQueues } from './read-queues.ts';
import { settleAttempts, type AttemptEnd } from './settle-attempts.ts';
import type { Shard } from './shard.ts';
import { takeShards } from './take-shards.ts';

const SETTINGS = { owner: 'one', deadlineMs: 10_000, marginMs: 2000, statementTimeoutMs: 5000 };

let own: TestDatabase;
let owner: Database;
/** As relays see it. */
let database: Database;
let shards: Shard[];
let shard: Shard;

beforeAll(async () => {
  own = await testDatabase();
  owner = connectTo(own.url);
  database = connectTo(own.services.relay);
  await makeRanges(database);
});
beforeEach(async () => {
  await owner.query(
    `truncate hookline.partition_offsets, hookline.outbox_shards, hookline.outbox, hookline.settled_effects,
              hookline.audit_log`,
  );
  await givePartitions(owner, 2);
  await ensureShards(database);
  const taken = await takeShards(database, 'one', 60_000, 2);
  shards = taken.map((one) => one.shard).toSorted((a, b) => a.partition - b.partition);
  [shard] = shards as [Shard];
});
afterAll(async () => {
  await Promise.all([database.close(), owner.close()]);
  await own.drop();
});

const claim = (effectIds: string[], settings = {}, of = shard) =>
  claimAttempts(database, { ...SETTINGS, ...settings }, [{ shard: of, effectIds }]);
const claimedIds = async (effectIds: string[], settings = {}) =>
  (await claim(effectIds, settings)).claimed.map(({ effectId }) => effectId);
const settle = (effectId: string, end: AttemptEnd, of = shard, by = 'one') =>
  settleAttempts(database, { owner: by, statementTimeoutMs: 5000 }, [{ shard: of, effectId, end }]);
const sent: AttemptEnd = { state: 'sent', result: { id: 5 } };
const endAttempts = () =>
  owner.query(`update hookline.outbox set attempt_ends_at = now() - interval '3 s' where state = 'sending'`);

describe('readOutboxPage', () => {
  it('reads each shard in the order of positions, from where it was read to, without what is dead', async () => {
    const ids = [];
    for (const key of ['a', 'b', 'a', 'c']) ids.push(await giveEffect(owner, { ordering_key: key }));
    await giveEffect(owner, { state: 'dead', reason: 'refused' });
    const other = await giveEffect(owner, { ordering_key: 'd' }, { ...PLACE, partition: 1 });
    await giveEffect(owner, {}, { ...PLACE, partition: 0, topic: 'other' });
    const [first, second] = await readOutboxPage(
      database,
      shards.map((place, n) => ({ place, after: 0n, limit: 3 - n })),
    );
    expect(first?.map(({ effectId }) => effectId)).toEqual(ids.slice(0, 3));
    expect(second?.map(({ effectId }) => effectId)).toEqual([other]);
    const behind = { place: shard, after: first?.at(-1)?.position ?? 0n, limit: 3 };
    const [rest] = await readOutboxPage(database, [behind]);
    expect(rest?.map(({ effectId }) => effectId)).toEqual(ids.slice(3));
    expect(await readOutboxPage(database, [])).toEqual([]);
  });

  it('reads of each shard no more than its limit', async () => {
    for (const partition of [0, 1]) {
      for (let n = 0; n < 3; n++) await giveEffect(owner, {}, { ...PLACE, partition });
    }
    const pages = await readOutboxPage(
      database,
      shards.map((place, n) => ({ place, after: 0n, limit: n + 1 })),
    );
    expect(pages.map((page) => page.length)).toEqual([1, 2]);
  });

  it('tells when each is due, and leaves large requests to the claim, however small they are stored', async () => {
    await giveEffect(owner, { due_at: new Date(Date.now() + 60_000) });
    await giveEffect(owner, { request: { text: 'x'.repeat(100_000) }, queue: 'q' });
    const waiting = await giveEffect(owner, { ordering_key: 'b' });
    await claim([waiting]);
    const [page] = await readOutboxPage(database, [{ place: shard, after: 0n, limit: 9 }]);
    const [later, large, sending] = page as [QueuedEffect, QueuedEffect, QueuedEffect];
    expect(later).toMatchObject({ orderingKey: 'a', queue: '', kind: 'test.send', request: { text: 'hello' } });
    expect(Math.round(later.dueInMs / 10_000)).toBe(6);
    expect(large).toMatchObject({ queue: 'q', request: null, dueInMs: 0, isSending: false });
    expect(large.bytes).toBeGreaterThan(100_000);
    expect(sending.isSending).toBe(true);
    expect(Math.round(sending.dueInMs / 5000)).toBe(2);
  });
});

describe('readQueues', () => {
  it('reads one key and queue only, behind a position', async () => {
    const ids = [];
    for (let n = 0; n < 4; n++) ids.push(await giveEffect(owner, { queue: 'q' }));
    await giveEffect(owner, { queue: '' });
    await giveEffect(owner, { queue: 'q', ordering_key: 'b' });
    const cursor = { place: shard, orderingKey: 'a', queue: 'q' };
    const [none, first] = await readQueues(
      database,
      [
        { ...cursor, orderingKey: 'none', after: 0n },
        { ...cursor, after: 0n },
      ],
      2,
    );
    expect(none).toEqual([]);
    expect(first?.map(({ effectId }) => effectId)).toEqual(ids.slice(0, 2));
    const [rest] = await readQueues(database, [{ ...cursor, after: first?.at(-1)?.position ?? 0n }], 9);
    expect(rest?.map(({ effectId }) => effectId)).toEqual(ids.slice(2));
  });
});

describe('claimAttempts', () => {
  it.each(['claims', 'settles'])('%s nothing while another takes the shard, and nothing behind that', async (what) => {
    const id = await giveEffect(owner, {});
    if (what === 'settles') await claim([id]);
    const before = await readEffect(owner, id);
    const work = await transaction(owner, {}, async (tx) => {
      await tx.query('select from hookline.outbox_shards for update');
      const waiting = what === 'claims' ? claim([id]).then(({ refused }) => refused) : settle(id, sent);
      await until('it waits for the lock', async () => {
        const { rows } = await owner.query(`select from pg_locks where not granted and pid <> pg_backend_pid()`);
        return rows.length > 0;
      });
      await tx.query('update hookline.outbox_shards set epoch = epoch + 1');
      return commit({ waiting });
    });
    expect(await work.waiting).toEqual([shard]);
    expect(await readEffect(owner, id)).toEqual(before);
  });

  it('records the attempt before anybody sends, and gives what there is to send', async () => {
    const body = Buffer.from('{"action":"opened"}'.repeat(20));
    const stored = storedBytes(body);
    const id = await giveEffect(owner, {
      queue: 'q',
      headers: { 'x-github-event': 'issues' },
      body: stored.bytes,
      body_encoding: stored.encoding,
      body_bytes: body.length,
      traceparent: '00-1-2-3',
    });
    const { claimed, refused } = await claim([id]);
    expect(refused).toEqual([]);
    expect(claimed).toEqual([
      {
        shard,
        effectId: id,
        kind: 'test.send',
        orderingKey: 'a',
        queue: 'q',
        handler: 'welcome',
        guid: expect.any(String),
        digest: expect.any(Buffer),
        event: 'issues',
        action: 'opened',
        source: 'main',
        repositoryId: '1',
        request: { text: 'hello' },
        headers: { 'x-github-event': 'issues' },
        body,
        traceparent: '00-1-2-3',
        attempts: 1,
        createdAt: expect.any(Date),
        isAmbiguous: false,
      },
    ]);
    expect(await readEffect(owner, id)).toMatchObject({
      state: 'sending',
      attempts: 1,
      total_attempts: 1,
      ends_in_s: 10,
    });
  });

  it('claims nothing but the first of each queue: memory may be wrong, the order may not', async () => {
    const dead = await giveEffect(owner, { state: 'dead', reason: 'refused' });
    const first = await giveEffect(owner);
    const second = await giveEffect(owner);
    const slow = await giveEffect(owner, { queue: 'slow' });
    const later = await giveEffect(owner, { ordering_key: 'b', due_at: new Date(Date.now() + 60_000) });
    const behind = await giveEffect(owner, { ordering_key: 'b' });
    expect(await claimedIds([dead, second, slow, behind])).toEqual([slow]);
    expect(await claimedIds([dead, first, second, later])).toEqual([first, later]);
    expect(await claimedIds([second])).toEqual([]);
    await settle(first, sent);
    expect(await claimedIds([second])).toEqual([second]);
  });

  it('claims an attempt that has begun only after its end and a margin, and tells that it is ambiguous', async () => {
    const id = await giveEffect(owner);
    await claim([id]);
    expect(await claimedIds([id])).toEqual([]);
    await owner.query('update hookline.outbox set attempt_ends_at = clock_timestamp()');
    expect(await claimedIds([id])).toEqual([]);
    expect((await claim([id], { marginMs: 0 })).claimed).toMatchObject([
      { effectId: id, isAmbiguous: true, attempts: 2 },
    ]);
    expect(await readEffectAudit(owner)).toEqual([
      {
        effect_id: id,
        decision: 'ambiguous',
        attempt: 1,
        detail: 'Its relay did not say how the attempt ended.',
        epoch: '1',
        handler: 'welcome',
        kafka_offset: '7',
        ordering_key: 'a',
      },
    ]);
  });

  it('claims nothing of shards that are another relay’s, or whose lease is too short for the attempt', async () => {
    const id = await giveEffect(owner);
    const other = await giveEffect(owner, {}, { ...PLACE, partition: 1 });
    expect(await claim([id], { owner: 'two' })).toEqual({ claimed: [], refused: [shard] });
    expect(await claim([id], { deadlineMs: 61_000 })).toEqual({ claimed: [], refused: [shard] });
    expect(await claim([id], {}, { ...shard, epoch: 0n })).toMatchObject({ claimed: [] });
    const result = await claimAttempts(database, SETTINGS, [
      { shard: { ...shard, epoch: 7n }, effectIds: [id] },
      { shard: shards[1]!, effectIds: [other, id] },
    ]);
    expect(result).toMatchObject({ claimed: [{ effectId: other }], refused: [{ partition: 0, epoch: 7n }] });
    expect(await readEffect(owner, id)).toMatchObject({ state: 'waiting', attempts: 0 });
  });

  it('does not claim for a shard what has moved to another', async () => {
    const id = await giveEffect(owner, {}, { ...PLACE, partition: 1 });
    expect(await claimedIds([id])).toEqual([]);
  });

  it('gives each effect to one of two that claim at once', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, (_, n) => giveEffect(owner, { ordering_key: `${n}` })));
    const claims = await Promise.all([claimedIds(ids), claimedIds(ids), claimedIds(ids)]);
    expect(claims.flat().toSorted()).toEqual(ids.toSorted());
  });
});

describe('settleAttempts', () => {
  async function begun(given = {}): Promise<string> {
    const id = await giveEffect(owner, given);
    await claim([id]);
    return id;
  }
  const audited = async (id: string) =>
    (await readEffectAudit(owner))
      .filter(({ effect_id }) => effect_id === id)
      .map(({ decision, attempt, detail }) => ({ decision, attempt, detail }));

  it('settles what was sent, once, and again changes nothing', async () => {
    const id = await begun();
    const other = await giveEffect(owner);
    expect(await settle(id, sent)).toEqual([]);
    expect(await settle(id, sent)).toEqual([]);
    expect(await readEffect(owner, id)).toBeUndefined();
    const { rows } = await owner.query(
      'select effect_id, outcome, result, attempts, kind from hookline.settled_effects',
    );
    expect(rows).toEqual([{ effect_id: id, outcome: 'sent', result: { id: 5 }, attempts: 1, kind: 'test.send' }]);
    expect(await audited(id)).toEqual([{ decision: 'sent', attempt: 1, detail: null }]);
    expect(await readEffect(owner, other)).toMatchObject({ state: 'waiting' });
  });

  it.each([
    ['nothing', undefined, null],
    ['what PostgreSQL does not take as text', { a: 'x\0y\ud800' }, { a: 'xy�' }],
    ['what is too long', { a: 'x'.repeat(9000) }, { truncated: true }],
    ['what is no JSON', { a: 1n }, null],
  ])('settles although the result is %s', async (_, result, kept) => {
    await settle(await begun(), { state: 'sent', result });
    expect((await owner.query('select result from hookline.settled_effects')).rows).toEqual([{ result: kept }]);
  });

  it('has what failed wait, and counts it', async () => {
    const id = await begun();
    await settle(id, { state: 'waiting', afterMs: 20_000, error: 'no\0', counts: true, decision: 'failed' });
    expect(await readEffect(owner, id)).toEqual({
      state: 'waiting',
      attempts: 1,
      total_attempts: 1,
      reason: null,
      error: 'no',
      due_in_s: 20,
      ends_in_s: null,
    });
    expect(await audited(id)).toEqual([{ decision: 'failed', attempt: 1, detail: 'no' }]);
  });

  it('puts back what had not begun, without a word', async () => {
    const id = await begun();
    await settle(id, { state: 'waiting', afterMs: 0, error: null, counts: false, decision: null });
    expect(await readEffect(owner, id)).toMatchObject({ state: 'waiting', attempts: 0, due_in_s: 0, error: null });
    expect(await audited(id)).toEqual([]);
  });

  it('keeps what is ambiguous so, no shorter than its attempt, and does not tell of it twice', async () => {
    const id = await begun();
    const ambiguous: AttemptEnd = {
      state: 'sending',
      afterMs: 0,
      error: 'cut off',
      counts: true,
      decision: 'ambiguous',
    };
    await settle(id, ambiguous);
    expect(await readEffect(owner, id)).toMatchObject({
      state: 'sending',
      attempts: 1,
      ends_in_s: 10,
      error: 'cut off',
    });
    await endAttempts();
    expect((await claim([id])).claimed).toMatchObject([{ isAmbiguous: true }]);
    await settle(id, { ...ambiguous, afterMs: 90_000, counts: false, decision: null });
    expect(await readEffect(owner, id)).toMatchObject({ state: 'sending', attempts: 1, ends_in_s: 90 });
    expect(await audited(id)).toEqual([{ decision: 'ambiguous', attempt: 1, detail: 'cut off' }]);
  });

  it('sets aside what is dead, and the next of its queue is free', async () => {
    const id = await begun();
    const next = await giveEffect(owner);
    await settle(id, { state: 'dead', reason: 'refused', error: 'no such issue' });
    expect(await readEffect(owner, id)).toMatchObject({ state: 'dead', reason: 'refused', error: 'no such issue' });
    expect(await audited(id)).toEqual([{ decision: 'dead-lettered', attempt: 1, detail: 'no such issue' }]);
    expect(await claimedIds([next])).toEqual([next]);
  });

  it('writes nothing of a shard that another relay has, and all of the others', async () => {
    const id = await begun();
    const other = await giveEffect(owner, {}, { ...PLACE, partition: 1 });
    await claim([other], {}, shards[1]);
    await owner.query(`update hookline.outbox_shards set lease_until = now() where kafka_partition = 0`);
    await takeShards(database, 'two', 60_000, 1);
    const ends = [id, other].map((effectId, n) => ({ shard: shards[n]!, effectId, end: sent }));
    expect(await settleAttempts(database, { owner: 'one', statementTimeoutMs: 5000 }, ends)).toEqual([shard]);
    expect(await readEffect(owner, id)).toMatchObject({ state: 'sending' });
    expect(await readEffect(owner, other)).toBeUndefined();
    expect(await settle(id, { state: 'dead', reason: 'refused', error: '' })).toEqual([shard]);
    expect(await readEffect(owner, id)).toMatchObject({ state: 'sending' });
  });

  it('still writes after the lease has ended, where nobody has taken the shard', async () => {
    const id = await begun();
    await owner.query(`update hookline.outbox_shards set lease_until = now() - interval '1 s'`);
    expect(await settle(id, sent)).toEqual([]);
    expect(await readEffect(owner, id)).toBeUndefined();
  });
});
