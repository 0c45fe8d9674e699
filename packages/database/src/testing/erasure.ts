import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach } from '@jest/globals';
import type { Database } from '../database.ts';
import { makeRanges } from '../make-ranges.ts';
import { ownDatabase } from './own-database.ts';
import { fenceOf, givePartition } from './partitions.ts';

export const KEY = 'github.com/repository/1';
export const OTHER = 'github.com/repository/11';
export const BY = { actor: 'ada', why: 'the owner asked for it', commandId: randomUUID() };
export const MINE = Buffer.from('{"sender":{"id":7}}');
export const FOREIGN = Buffer.from('{"sender":{"id":8}}');

const CLEAR = `truncate hookline.dead_letters, hookline.dead_deliveries, hookline.lane_deliveries, hookline.lanes,
              hookline.held_deliveries, hookline.processed_deliveries, hookline.audit_log, hookline.repository_activity,
              hookline.outbox, hookline.settled_effects`;

/** A database of a test file's own with a partition, in which nothing is kept of any delivery when a test begins. */
export function erasureDatabase(): Database {
  const database = ownDatabase();
  beforeAll(async () => {
    await makeRanges(database);
    await givePartition(database, fenceOf(4n), 500n);
  });
  beforeEach(async () => {
    await database.query(CLEAR);
  });
  return database;
}
