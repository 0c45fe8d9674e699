import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { RECORD_DECISIONS, type LaneDecision, type PartitionDecision } from '@hookline/contracts';
import { makeRanges } from './make-ranges.ts';
import { auditEntry } from './testing/deliveries.ts';
import { ownDatabase } from './testing/own-database.ts';
import { NO_DELIVERY, writeAudit, type AuditEntry } from './write-audit.ts';

const database = ownDatabase();

beforeAll(async () => {
  await makeRanges(database);
});
beforeEach(async () => {
  await database.query('truncate hookline.audit_log');
});

describe('the audit', () => {
  it('numbers its rows in the order of the entries: the ids of a partition tell the order of its decisions', async () => {
    // Shuffled by every other column, so that no accidental order could pass for the right one.
    const entries = Array.from({ length: 500 }, (_, i) => auditEntry({ offset: BigInt((i * 7919) % 500) }));
    await writeAudit(database, entries);
    const { rows } = await database.query<{ guid: string }>('select guid from hookline.audit_log order by audit_id');
    expect(rows.map(({ guid }) => guid)).toEqual(entries.map(({ guid }) => guid));
  });

  it('keeps everything of an entry as it was given', async () => {
    const entry: AuditEntry = auditEntry({
      decision: 'duplicate',
      offset: 9_007_199_254_740_993n,
      epoch: 9_007_199_254_740_995n,
      partition: 23,
      incarnation: 3,
      orderingKey: 'github.com/repository/ünï',
      source: 'ghe',
      dedupScope: 'both',
      event: 'pull_request',
      action: null,
      receivedAt: Date.UTC(2026, 5, 1, 1, 2, 3, 4),
      handler: 'welcome',
      attempt: 7,
      detail: 'why',
      actor: 'somebody',
      commandId: '3a9c8c66-98d1-4fb2-9b9e-6d7a0a0a5b11',
      flags: ['suspected-replay', 'reused-guid'],
      repositoryId: '9007199254740995',
      effectId: '9d1f0c52-0000-8000-8000-000000000001',
    });
    await writeAudit(database, [entry]);
    const { rows } = await database.query('select * from hookline.audit_log');
    expect(rows).toEqual([
      {
        audit_id: expect.any(String),
        recorded_at: expect.any(Date),
        stage: 'log',
        decision: 'duplicate',
        topic: entry.topic,
        kafka_partition: 23,
        incarnation: 3,
        kafka_offset: '9007199254740993',
        epoch: '9007199254740995',
        ordering_key: 'github.com/repository/ünï',
        source: 'ghe',
        dedup_scope: 'both',
        guid: entry.guid,
        digest: entry.digest,
        event: 'pull_request',
        action: null,
        received_at: new Date(entry.receivedAt as number),
        handler: 'welcome',
        attempt: 7,
        detail: 'why',
        actor: 'somebody',
        command_id: '3a9c8c66-98d1-4fb2-9b9e-6d7a0a0a5b11',
        effect_id: '9d1f0c52-0000-8000-8000-000000000001',
        flags: ['suspected-replay', 'reused-guid'],
        repository_id: '9007199254740995',
      },
    ]);
  });

  it('takes every decision that there is, and no other', async () => {
    await writeAudit(
      database,
      RECORD_DECISIONS.map((decision) => auditEntry({ decision })),
    );
    const { rows } = await database.query<{ decision: string }>(
      'select decision from hookline.audit_log order by audit_id',
    );
    expect(rows.map(({ decision }) => decision)).toEqual([...RECORD_DECISIONS]);
    const guessed = auditEntry({ decision: 'guessed' as 'processed' });
    await expect(writeAudit(database, [guessed])).rejects.toMatchObject({ code: '23514' });
  });

  it('takes the decisions of lanes and of partitions, and no other stage', async () => {
    const inLanes: LaneDecision[] = ['processed', 'retried', 'dead-lettered', 'held'];
    const ofPartitions: PartitionDecision[] = ['resumed', 'refused'];
    const place = { topic: 'github.deliveries', partition: 1, incarnation: 1, offset: 3n, epoch: 1n };
    await writeAudit(database, [
      ...inLanes.map((decision) => ({ ...auditEntry(), stage: 'lane' as const, decision })),
      ...ofPartitions.map((decision) => ({ ...NO_DELIVERY, ...place, stage: 'partition' as const, decision })),
    ]);
    const { rows } = await database.query<{ said: string }>(
      `select stage || ' ' || decision as said from hookline.audit_log order by audit_id`,
    );
    expect(rows.map(({ said }) => said)).toEqual([
      ...inLanes.map((decision) => `lane ${decision}`),
      ...ofPartitions.map((decision) => `partition ${decision}`),
    ]);
    const elsewhere = { ...auditEntry(), stage: 'elsewhere' as 'log', decision: 'processed' as const };
    await expect(writeAudit(database, [elsewhere])).rejects.toMatchObject({ code: '23514' });
  });

  it('is never refused for what a detail holds: an error says what it likes', async () => {
    await writeAudit(database, [auditEntry({ detail: `\0${'€'.repeat(5000)}` })]);
    const { rows } = await database.query<{ detail: string }>('select detail from hookline.audit_log');
    expect(rows).toEqual([{ detail: '€'.repeat(1365) }]);
  });

  it('needs no statement for no entries', async () => {
    const none = { query: () => Promise.reject(new Error('no statement is needed')) };
    await expect(writeAudit(none, [])).resolves.toBeUndefined();
  });
});
