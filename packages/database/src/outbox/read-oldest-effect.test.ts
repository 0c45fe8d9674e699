import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ownDatabase } from '../testing/own-database.ts';
import { giveEffect, givePartitions } from '../testing/outbox.ts';
import { fenceOf, givePartition, PLACE } from '../testing/partitions.ts';
import { readOldestEffect } from './read-oldest-effect.ts';

const database = ownDatabase();

beforeAll(() => givePartitions(database, 2));
beforeEach(() => database.query('truncate hookline.outbox'));

const give = (partition: number, minute: number, given: Record<string, unknown> = {}) =>
  giveEffect(database, { created_at: new Date(minute * 60_000), ...given }, { ...PLACE, partition });

describe('readOldestEffect', () => {
  it('finds none in an outbox that is empty, or has only what waits for a human', async () => {
    expect(await readOldestEffect(database)).toBeNull();
    await give(0, 1, { state: 'dead', reason: 'refused' });
    expect(await readOldestEffect(database)).toBeNull();
  });

  it('finds the oldest of all partitions, being sent or not', async () => {
    const now = new Date();
    await give(0, 1, { state: 'dead', reason: 'exhausted' });
    await give(0, 7);
    await give(1, 3, { state: 'sending', attempt_started_at: now, attempt_ends_at: now });
    await give(1, 5);
    expect(await readOldestEffect(database)).toEqual(new Date(3 * 60_000));
  });

  it('looks into each topic and each consumer group by itself', async () => {
    const next = { ...PLACE, topic: 'github.deliveries.g2', partition: 0 };
    const other = { ...PLACE, consumerGroup: 'others', partition: 0 };
    for (const place of [next, other]) await givePartition(database, fenceOf(1n, place));
    await give(0, 7);
    await giveEffect(database, { created_at: new Date(5 * 60_000) }, next);
    expect(await readOldestEffect(database)).toEqual(new Date(5 * 60_000));
    await giveEffect(database, { created_at: new Date(3 * 60_000) }, other);
    expect(await readOldestEffect(database)).toEqual(new Date(3 * 60_000));
  });
});
