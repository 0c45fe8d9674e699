import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { RECORD_DECISIONS } from '@hookline/contracts';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import type { Database } from './database.ts';
import { makeRanges } from './make-ranges.ts';
import { auditEntry } from './testing/deliveries.ts';
import { writeAudit, type AuditEntry } from './write-audit.ts';

let own: TestDatabase;
let database: Database;

beforeAll(async () => {
  own = await testDatabase();
  database = connectTo(own.url);
  await makeRanges(database);
});
beforeEach(async () => {
  await database.query('truncate hookline.audit_log');
});
afterAll(async () => {
  await database.close();
  await own.drop();
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
      orderingKey: 'github.com/repository/ünï',
      source: 'ghe',
      dedupScope: 'both',
      event: 'pull_request',
      action: null,
      receivedAt: Date.UTC(2026, 5, 1, 1, 2, 3, 4),
    });
    await writeAudit(database, [entry]);
    const { rows } = await database.query('select * from hookline.audit_log');
    expect(rows).toEqual([
      {
        audit_id: expect.any(String),
        recorded_at: expect.any(Date),
        decision: 'duplicate',
        topic: entry.topic,
        kafka_partition: 23,
        kafka_offset: '9007199254740993',
        epoch: '9007199254740995',
        ordering_key: 'github.com/repository/ünï',
        source: 'ghe',
        dedup_scope: 'both',
        guid: entry.guid,
        digest: entry.digest,
        event: 'pull_request',
        action: null,
        received_at: new Date(entry.receivedAt),
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
    const guessed = auditEntry({ decision: 'guessed' as AuditEntry['decision'] });
    await expect(writeAudit(database, [guessed])).rejects.toMatchObject({ code: '23514' });
  });

  it('needs no statement for no entries', async () => {
    const none = { query: () => Promise.reject(new Error('no statement is needed')) };
    await expect(writeAudit(none, [])).resolves.toBeUndefined();
  });
});
