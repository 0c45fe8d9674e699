import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Queryable } from '../database.ts';
import type { LoggedDelivery } from '../logged-delivery.ts';
import { storedBytes } from '../stored-body.ts';
import { logged } from '../testing/deliveries.ts';
import { ownDatabase } from '../testing/own-database.ts';
import { fenceOf } from '../testing/partitions.ts';
import { commit, rollback, transaction } from '../transaction.ts';
import { appendToLanes } from './append-to-lanes.ts';
import { deferLane } from './defer-lane.ts';
import { findOpenLanes } from './find-open-lanes.ts';
import { holdLane } from './hold-lane.ts';
import { openLanes } from './open-lanes.ts';
import { readDueLanes } from './read-due-lanes.ts';
import { readLaneBytes } from './read-lane-bytes.ts';
import { readLane } from './read-lane.ts';
import { removeFromLane } from './remove-from-lane.ts';

const database = ownDatabase();

const fence = fenceOf(1n);
const KEYS = ['a', 'b', 'c'];

interface ModelLane {
  held: boolean;
  waiting: LoggedDelivery[];
}
type Model = ReadonlyMap<string, ModelLane>;

/** One transaction of an owner, as the processor makes them, and what it does to the model. */
type Step = (tx: Queryable, model: Map<string, ModelLane>) => Promise<void>;

/** A slice: what belongs to open lanes, or fails, is parked; keys open as their first record fails. */
const slice = fc
  .array(fc.record({ key: fc.constantFrom(...KEYS), bytes: fc.integer({ min: 0, max: 300 }), fails: fc.boolean() }), {
    maxLength: 12,
  })
  .map((given): Step => async (tx, model) => {
    const found = await findOpenLanes(tx, fence, KEYS);
    expect(new Set(found.keys())).toEqual(new Set(model.keys()));
    const opening = [...new Set(given.filter(({ fails, key }) => fails && !model.has(key)).map(({ key }) => key))];
    for (const key of opening) model.set(key, { held: false, waiting: [] });
    const parked = given.filter(({ key }) => model.has(key));
    const records = parked.map(({ key, bytes }) => logged(key, {}, { body: Buffer.alloc(bytes, 'x') }));
    for (const record of records) model.get(record.orderingKey)!.waiting.push(record);
    await openLanes(
      tx,
      fence,
      opening.map((orderingKey) => ({ orderingKey, attempts: 1, kills: 0, deferrals: 0, dueInMs: 0, error: 'x' })),
    );
    await appendToLanes(
      tx,
      fence,
      records.map((record) => ({ ...record, stored: storedBytes(record.delivery.body) })),
    );
    // Nothing else opens a lane without a record.
    for (const key of opening) expect(model.get(key)!.waiting.length).toBeGreaterThan(0);
  });

/** A lane's run: its first records go, and the lane with them when they were all; an operator's hold comes first. */
const run = fc
  .record({ key: fc.constantFrom(...KEYS), records: fc.integer({ min: 1, max: 8 }), hold: fc.boolean() })
  .map(({ key, records, hold }): Step => async (tx, model) => {
    const heads = await readLane(tx, fence, key, { records, bytes: 1000 });
    const lane = model.get(key);
    if (!lane) return expect(heads).toEqual([]);
    expect(heads.map(({ delivery }) => delivery)).toEqual(
      lane.waiting.slice(0, heads.length).map(({ delivery }) => delivery),
    );
    const last = heads.at(-1);
    // Only a held lane is ever empty.
    if (!last) return expect(lane).toEqual({ held: true, waiting: [] });
    if (hold) {
      await holdLane(tx, fence, key);
      lane.held = true;
    }
    lane.waiting.splice(0, heads.length);
    const closed = !lane.held && lane.waiting.length === 0;
    if (closed) model.delete(key);
    const bytes = heads.reduce((sum, head) => sum + head.storedBytes, 0);
    expect(await removeFromLane(tx, fence, key, { through: last.position, records: heads.length, bytes })).toEqual({
      closed,
      records: lane.waiting.length,
    });
  });

/** A try that failed. */
const retry = fc
  .record({ key: fc.constantFrom(...KEYS), attempts: fc.nat(5) })
  .map(({ key, attempts }): Step => async (tx, model) => {
    if (!model.has(key)) return;
    await deferLane(tx, fence, key, {
      attempts,
      kills: 0,
      deferrals: 0,
      dueInMs: 0,
      error: 'x',
      triedEpoch: fence.epoch,
    });
  });

async function checkAgainst(model: Model): Promise<void> {
  const { rows } = await database.query(
    `select ordering_key, state, lane.records::integer, lane.bytes::integer, waiting.*,
            next_position - head_position = lane.records as positions_fit
       from hookline.lanes lane
       left join lateral (
            select count(*)::integer as rows, coalesce(sum(octet_length(body)), 0)::integer as row_bytes,
                   min(position) is null or min(position) = head_position as head_fits
              from hookline.lane_deliveries waiting
             where waiting.ordering_key = lane.ordering_key) as waiting on true
      order by ordering_key`,
  );
  const expected = [...model].toSorted(([a], [b]) => a.localeCompare(b));
  expect(rows).toEqual(
    expected.map(([key, { held, waiting }]) => {
      const bytes = waiting.reduce((sum, { delivery }) => sum + storedBytes(delivery.body).bytes.length, 0);
      return {
        ordering_key: key,
        state: held ? 'held' : 'retrying',
        records: waiting.length,
        bytes,
        rows: waiting.length,
        row_bytes: bytes,
        head_fits: true,
        positions_fit: true,
      };
    }),
  );
  const orphans = await database.query(
    'select 1 from hookline.lane_deliveries where ordering_key not in (select ordering_key from hookline.lanes)',
  );
  expect(orphans.rowCount).toBe(0);
  expect(await readLaneBytes(database, fence)).toBe(rows.reduce((sum, row) => sum + Number(row['row_bytes']), 0));
  const { due } = await readDueLanes(database, fence, 10);
  expect(due.map(({ orderingKey }) => orderingKey).toSorted((a, b) => a.localeCompare(b))).toEqual(
    expected.filter(([, { held }]) => !held).map(([key]) => key),
  );
}

describe('the counters of lanes', () => {
  // Caps and the closing of a lane trust them: a record too few closes a lane over a record that waits.
  it('are those of the rows after every commit, whatever slices and lanes do, and however they end', async () => {
    const step = fc.record({
      step: fc.oneof(slice, run, run, retry),
      commits: fc.constantFrom(true, true, true, false),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25, size: 'max' }), async (steps) => {
        await database.query('truncate hookline.lanes, hookline.lane_deliveries');
        let model = new Map<string, ModelLane>();
        for (const { step: act, commits } of steps) {
          const after = new Map([...model].map(([key, lane]) => [key, { ...lane, waiting: [...lane.waiting] }]));
          await transaction(database, {}, async (tx) => {
            await act(tx, after);
            return commits ? commit(null) : rollback(null);
          });
          if (commits) model = after;
          await checkAgainst(model);
        }
      }),
      { numRuns: 40 },
    );
  });
});
