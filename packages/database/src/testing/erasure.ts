import { randomUUID } from 'node:crypto';

export const KEY = 'github.com/repository/1';
export const OTHER = 'github.com/repository/11';
export const BY = { actor: 'ada', why: 'the owner asked for it', commandId: randomUUID() };
export const MINE = Buffer.from('{"sender":{"id":7}}');
export const FOREIGN = Buffer.from('{"sender":{"id":8}}');

/** Empties every table that keeps something of a delivery. */
export const CLEAR = `truncate hookline.dead_letters, hookline.dead_deliveries, hookline.lane_deliveries, hookline.lanes,
              hookline.held_deliveries, hookline.processed_deliveries, hookline.audit_log, hookline.repository_activity`;
