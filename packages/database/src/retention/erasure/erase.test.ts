import { describe, expect, it } from '@jest/globals';
import { removeFromLane } from '../../lanes/remove-from-lane.ts';
import { writeOutbox, type EffectToWrite } from '../../outbox/write-outbox.ts';
import { readBody } from '../../stored-body.ts';
import { giveDead } from '../../testing/dead.ts';
import { logged } from '../../testing/deliveries.ts';
import { effect, SETTLE } from '../../testing/effects.ts';
import { BY, FOREIGN, KEY, MINE, OTHER, erasureDatabase } from '../../testing/erasure.ts';
import { fenceOf, PLACE } from '../../testing/partitions.ts';
import { giveHeld, giveLane } from '../../testing/waiting.ts';
import { commit, transaction } from '../../transaction.ts';
import { blankAudit } from './blank-audit.ts';
import { blankEffects } from './blank-effects.ts';
import { erase } from './erase.ts';
import type { ErasureTarget } from './erasure-targets.ts';
import { findEffectTargets, findTargetsOfKey, scanTargets } from './find-targets.ts';

const database = erasureDatabase();

type Rows = Record<string, unknown>[];
const rowsOf = async (sql: string): Promise<Rows> => (await database.query(sql)).rows;
const audit = () =>
  rowsOf(
    'select stage, decision, actor, detail, command_id, kafka_offset, guid, epoch from hookline.audit_log order by audit_id',
  );

async function eraseKey(orderingKey = KEY, batch = 2) {
  const targets = await findTargetsOfKey(database, orderingKey);
  return erase(database, targets, BY, { batch, progress: () => {} });
}

describe('a dead delivery', () => {
  it('loses body, headers and errors; its identity, place and decisions stay, and the audit tells', async () => {
    const { guid, digest } = await giveDead(database, { offset: 3n, letters: [{ state: 'redriven', settled: 1 }] });
    await giveDead(database, { offset: 4n, orderingKey: OTHER, letters: [{ state: 'dead' }] });
    expect(await eraseKey()).toEqual({ deliveries: 1, discarded: 0, effects: 0 });
    const [mine, other] = await rowsOf('select * from hookline.dead_deliveries order by kafka_offset');
    expect(mine).toMatchObject({
      guid,
      digest,
      dedup_scope: 'main',
      kafka_offset: '3',
      ordering_key: KEY,
      action: 'opened',
    });
    expect(mine).toMatchObject({ body: null, body_encoding: null, headers: null, erased_at: expect.any(Date) });
    expect(other).toMatchObject({ body: expect.any(Buffer), erased_at: null });
    expect(
      await rowsOf('select state, error_message, error_stack from hookline.dead_letters order by kafka_offset'),
    ).toEqual([
      { state: 'redriven', error_message: '(erased)', error_stack: null },
      { state: 'dead', error_message: expect.stringContaining('a name'), error_stack: 'at a name' },
    ]);
    const entry = { stage: 'operator', actor: 'ada', detail: BY.why, command_id: BY.commandId, epoch: '4' };
    expect(await audit()).toEqual([{ ...entry, decision: 'erased', kafka_offset: '3', guid }]);
  });

  it('is discarded where it could still have been redriven: there is nothing to run', async () => {
    await giveDead(database, { offset: 3n, letters: [{ state: 'dead' }, { state: 'redriven', settled: 9 }] });
    expect(await eraseKey()).toEqual({ deliveries: 1, discarded: 1, effects: 0 });
    expect(
      await rowsOf(
        `select handler, state, settled_at > now() - interval '1 day' as now from hookline.dead_letters order by 1`,
      ),
    ).toEqual([
      { handler: 'handler 0', state: 'discarded', now: true },
      { handler: 'handler 1', state: 'redriven', now: false },
    ]);
    expect((await audit()).map(({ decision }) => decision)).toEqual(['discarded', 'erased']);
  });

  it('is erased once, however often the command is run', async () => {
    await giveDead(database, { offset: 3n, letters: [{ state: 'dead' }] });
    const targets = await findTargetsOfKey(database, KEY);
    await erase(database, targets, BY, { batch: 1, progress: () => {} });
    expect(await erase(database, targets, BY, { batch: 1, progress: () => {} })).toEqual({
      deliveries: 0,
      discarded: 0,
      effects: 0,
    });
    expect(await findTargetsOfKey(database, KEY)).toEqual([]);
    expect(await audit()).toHaveLength(2);
  });

  it('is left while a lane has it to run again since it was found', async () => {
    await giveDead(database, { offset: 3n, letters: [{ state: 'dead' }] });
    const targets = await findTargetsOfKey(database, KEY);
    await giveLane(database, KEY, [MINE]);
    await database.query(
      `update hookline.lane_deliveries set run = 'redrive', dead_incarnation = 1, dead_offset = 3, dead_handlers = '{}'`,
    );
    expect(await erase(database, targets, BY, { batch: 1, progress: () => {} })).toEqual({
      deliveries: 0,
      discarded: 0,
      effects: 0,
    });
    expect(await rowsOf('select state from hookline.dead_letters')).toEqual([{ state: 'dead' }]);
    // Found again with what waits, both go; the identity of a redrive was claimed when it died.
    expect(await eraseKey()).toEqual({ deliveries: 2, discarded: 2, effects: 0 });
    expect(await rowsOf('select state from hookline.dead_letters')).toEqual([{ state: 'discarded' }]);
    expect(await rowsOf('select from hookline.processed_deliveries')).toEqual([]);
  });

  it('is also a record that is no delivery, under the Kafka key of the repository', async () => {
    for (const [offset, key] of [
      [1, KEY],
      [2, OTHER],
    ] as const) {
      await database.query(
        `insert into hookline.dead_deliveries
                (consumer_group, topic, kafka_partition, incarnation, kafka_offset, appended_at, record_key, body, body_encoding)
         values ($1, $2, $3, 1, $4, now(), $5, 'x', 'identity')`,
        [PLACE.consumerGroup, PLACE.topic, PLACE.partition, offset, Buffer.from(key)],
      );
    }
    expect(await eraseKey()).toEqual({ deliveries: 1, discarded: 0, effects: 0 });
    expect(await rowsOf('select kafka_offset from hookline.dead_deliveries where erased_at is not null')).toEqual([
      { kafka_offset: '1' },
    ]);
  });

  it('loses the action of a repository_dispatch, which its sender has chosen', async () => {
    await giveDead(database, { offset: 3n, letters: [] });
    await database.query(`update hookline.dead_deliveries set event = 'repository_dispatch', action = 'greet-mona'`);
    await eraseKey();
    expect(await rowsOf('select action from hookline.dead_deliveries')).toEqual([{ action: null }]);
  });
});

// Nobody but the owner runs lanes. What is taken out of one beside it must leave what the owner relies on: counters that
// fit, a head that is there, and identities that do not run when they arrive again.
describe('a delivery in a lane', () => {
  it('is removed and claimed as discarded; an empty lane is closed', async () => {
    const guids = await giveLane(database, KEY, [MINE, FOREIGN, MINE]);
    await giveLane(database, OTHER, [MINE]);
    expect(await eraseKey()).toEqual({ deliveries: 3, discarded: 3, effects: 0 });
    expect(await rowsOf('select ordering_key, records from hookline.lanes')).toEqual([
      { ordering_key: OTHER, records: '1' },
    ]);
    const claims = await rowsOf(
      'select guid, outcome, kafka_offset from hookline.processed_deliveries order by kafka_offset',
    );
    expect(claims).toEqual(guids.map((guid, i) => ({ guid, outcome: 'discarded', kafka_offset: String(100 + i) })));
    expect((await audit()).map(({ decision }) => decision)).toEqual([
      'discarded',
      'discarded',
      'erased',
      'erased',
      'discarded',
      'erased',
    ]);
  });

  it('leaves a held lane held, and empty', async () => {
    await giveLane(database, KEY, [MINE], 'held');
    await eraseKey();
    expect(await rowsOf('select state, records, bytes, head_position, last_error from hookline.lanes')).toEqual([
      { state: 'held', records: '0', bytes: '0', head_position: '1', last_error: null },
    ]);
  });

  it('leaves those of others in their order, without a gap: the next one is the head, never tried', async () => {
    await giveLane(database, KEY, [MINE, FOREIGN, MINE, FOREIGN]);
    const targets = await scanTargets(database, ({ body }) => body.bytes.equals(MINE));
    await erase(database, targets, BY, { batch: 10, progress: () => {} });
    expect(await rowsOf('select position, body from hookline.lane_deliveries order by position')).toEqual([
      { position: '2', body: FOREIGN },
      { position: '3', body: FOREIGN },
    ]);
    expect(
      await rowsOf('select records, bytes, head_position, next_position, attempts, last_error from hookline.lanes'),
    ).toEqual([
      {
        records: '2',
        bytes: String(2 * FOREIGN.length),
        head_position: '2',
        next_position: '4',
        attempts: 0,
        last_error: null,
      },
    ]);
    await transaction(database, {}, async (tx) =>
      commit(await removeFromLane(tx, fenceOf(4n), KEY, { through: 3n, records: 2, bytes: 2 * FOREIGN.length })),
    );
    expect(await rowsOf('select from hookline.lanes')).toEqual([]);
  });

  it('behind the head keeps the tries of the head', async () => {
    await giveLane(database, KEY, [FOREIGN, MINE]);
    await erase(database, await scanTargets(database, ({ body }) => body.bytes.equals(MINE)), BY, {
      batch: 9,
      progress: () => {},
    });
    expect(await rowsOf('select head_position, attempts, last_error from hookline.lanes')).toEqual([
      { head_position: '1', attempts: 3, last_error: 'It quotes a name.' },
    ]);
  });

  it('makes a run that has read it already roll back', async () => {
    await giveLane(database, KEY, [FOREIGN, MINE]);
    const targets = await scanTargets(database, ({ body }) => body.bytes.equals(MINE));
    await erase(database, targets, BY, { batch: 9, progress: () => {} });
    const run = transaction(database, {}, async (tx) =>
      commit(
        await removeFromLane(tx, fenceOf(4n), KEY, { through: 1n, records: 2, bytes: MINE.length + FOREIGN.length }),
      ),
    );
    await expect(run).rejects.toThrow('2 records');
  });
});

describe('a held delivery', () => {
  it('is removed and claimed as discarded, where its identity is not claimed already', async () => {
    const fresh = await giveHeld(database, KEY, { body: MINE });
    const known = await giveHeld(database, KEY, { body: FOREIGN });
    await database.query(
      `insert into hookline.processed_deliveries (guid, digest, dedup_scope, event, topic, kafka_partition, kafka_offset)
       values ($1, $2, 'main', 'push', 't', 1, 5)`,
      [known.guid, known.digest],
    );
    expect(await eraseKey()).toEqual({ deliveries: 2, discarded: 2, effects: 0 });
    expect(await rowsOf('select from hookline.held_deliveries')).toEqual([]);
    expect(await rowsOf('select guid, outcome, event from hookline.processed_deliveries order by outcome')).toEqual([
      { guid: fresh.guid, outcome: 'discarded', event: 'issues' },
      { guid: known.guid, outcome: 'processed', event: 'push' },
    ]);
  });
});

describe('an effect that is not settled', () => {
  /** Effects of deliveries of the repository, in these states; by their keys, which are the states. */
  async function giveEffects(...states: string[]): Promise<EffectToWrite[]> {
    const asked = states.map((state, n) => effect(state, { record: logged(KEY, { offset: BigInt(n) }) }));
    await writeOutbox(database, fenceOf(4n), asked);
    await database.query(
      `update hookline.outbox
          set state = effect_key, reason = case effect_key when 'dead' then 'refused' end,
              attempt_started_at = case effect_key when 'sending' then now() end,
              attempt_ends_at = case effect_key when 'sending' then now() end, total_attempts = 3`,
    );
    return asked;
  }

  it('is removed whatever its state, and known as discarded; the audit tells', async () => {
    const asked = await giveEffects('waiting', 'sending', 'dead');
    await writeOutbox(database, fenceOf(4n), [effect('other', { record: logged(OTHER, {}, { repositoryId: '11' }) })]);
    expect(await eraseKey()).toEqual({ deliveries: 0, discarded: 0, effects: 3 });
    expect(await rowsOf('select effect_key from hookline.outbox')).toEqual([{ effect_key: 'other' }]);
    expect(
      await rowsOf('select effect_key, outcome, attempts, result from hookline.settled_effects order by 1'),
    ).toEqual(
      ['dead', 'sending', 'waiting'].map((name) => ({
        effect_key: name,
        outcome: 'discarded',
        attempts: 3,
        result: null,
      })),
    );
    const told = await rowsOf(
      `select audited.decision, audited.handler, audited.actor, settled.effect_key
         from hookline.audit_log audited join hookline.settled_effects settled using (effect_id, guid) order by 4`,
    );
    const row = { decision: 'discarded', handler: 'welcome', actor: 'ada' };
    expect(told).toEqual(['dead', 'sending', 'waiting'].map((name) => ({ ...row, effect_key: name })));
    await writeOutbox(database, fenceOf(4n), asked);
    expect(await rowsOf('select effect_key from hookline.outbox')).toEqual([{ effect_key: 'other' }]);
  });

  it('is found under the key of its owner, too, and by the GUID of its delivery', async () => {
    const owned = logged('github.com/owner/9', {}, { repositoryId: '1' });
    const foreign = logged('github.com/owner/9', {}, { repositoryId: '2' });
    await writeOutbox(database, fenceOf(4n), [effect('mine', { record: owned }), effect('other', { record: foreign })]);
    const idsOf = (targets: ErasureTarget[]) =>
      targets.map((target) => (target.where === 'effect' ? target.guid : null));
    expect(idsOf(await findTargetsOfKey(database, KEY))).toEqual([owned.delivery.guid]);
    expect(idsOf(await findEffectTargets(database, [foreign.delivery.guid]))).toEqual([foreign.delivery.guid]);
  });

  it('is found by the sender of the body that goes with it', async () => {
    const asked = [MINE, FOREIGN].map((body) =>
      effect('#0', { record: logged(KEY, {}, { body }), requested: { withBody: true } }),
    );
    await writeOutbox(database, fenceOf(4n), asked);
    const found = await scanTargets(database, ({ body }) => readBody(body).equals(MINE));
    expect(found).toMatchObject([{ where: 'effect', isDead: false, guid: asked[0]?.record.delivery.guid }]);
  });
});

describe('an effect that was sent', () => {
  it('loses what its target has answered, and what the audit quotes of it', async () => {
    const [mine, other] = [KEY, OTHER].map((key) =>
      effect('#0', { record: logged(key, {}, { repositoryId: key.split('/').at(-1) as string }) }),
    ) as [EffectToWrite, EffectToWrite];
    await writeOutbox(database, fenceOf(4n), [mine, other]);
    const ids = await rowsOf('select effect_id from hookline.outbox order by position');
    for (const { effect_id: id } of ids) await database.query(SETTLE, [id]);
    await database.query(`update hookline.settled_effects set result = '{"id": 77}'`);
    await database.query(
      `insert into hookline.audit_log (stage, decision, topic, kafka_partition, kafka_offset, epoch, ordering_key, guid, detail)
       select 'effect', 'failed', topic, kafka_partition, 0, 1, ordering_key, guid, 'It quotes a name.'
         from hookline.settled_effects`,
    );
    expect(await blankEffects(database, { orderingKey: KEY })).toBe(1);
    expect(await blankAudit(database, { guids: [mine.record.delivery.guid] })).toBe(1);
    const kept = 'select ordering_key, result is null as blank from hookline.settled_effects order by 1';
    expect(await rowsOf(kept)).toEqual([
      { ordering_key: KEY, blank: true },
      { ordering_key: OTHER, blank: false },
    ]);
    expect(await rowsOf('select ordering_key, detail from hookline.audit_log order by 1')).toEqual([
      { ordering_key: KEY, detail: '(erased)' },
      { ordering_key: OTHER, detail: 'It quotes a name.' },
    ]);
    expect(await blankEffects(database, { guids: [other.record.delivery.guid] })).toBe(1);
  });
});
