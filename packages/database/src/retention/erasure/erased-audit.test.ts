import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { BY, KEY, OTHER, erasureDatabase } from '../../testing/erasure.ts';
import { PLACE } from '../../testing/partitions.ts';
import { blankAudit } from './blank-audit.ts';
import { noteErasedKey } from './erase.ts';

const database = erasureDatabase();

type Rows = Record<string, unknown>[];
const rowsOf = async (sql: string): Promise<Rows> => (await database.query(sql)).rows;

describe('the audit', () => {
  const entry = (given: Record<string, unknown>) => {
    const row = {
      stage: 'log',
      decision: 'parked',
      topic: 't',
      kafka_partition: 0,
      kafka_offset: 1,
      epoch: 1,
      ...given,
    };
    const names = Object.keys(row);
    return database.query(
      `insert into hookline.audit_log (${names.join(', ')}) values (${names.map((_, i) => `$${i + 1}`).join(', ')})`,
      Object.values(row),
    );
  };

  it('loses what it quotes of payloads of a key, and keeps what operators wrote and what was decided', async () => {
    await entry({ ordering_key: KEY, event: 'issues', action: 'opened', detail: 'Issue "a name"' });
    await entry({ ordering_key: KEY, event: 'repository_dispatch', action: 'greet-mona' });
    await entry({ ordering_key: KEY, event: 'push' });
    await entry({ ordering_key: KEY, stage: 'operator', decision: 'held', detail: 'INC-42' });
    await entry({ ordering_key: OTHER, event: 'issues', detail: 'Issue "a name"' });
    expect(await blankAudit(database, { orderingKey: KEY })).toBe(2);
    expect(await rowsOf('select event, action, detail from hookline.audit_log order by audit_id')).toEqual([
      { event: 'issues', action: 'opened', detail: '(erased)' },
      { event: 'repository_dispatch', action: null, detail: null },
      { event: 'push', action: null, detail: null },
      { event: null, action: null, detail: 'INC-42' },
      { event: 'issues', action: null, detail: 'Issue "a name"' },
    ]);
    expect(await blankAudit(database, { orderingKey: KEY })).toBe(0);
  });

  it('loses those of single deliveries by their GUIDs', async () => {
    const guid = randomUUID();
    await entry({ ordering_key: OTHER, guid, detail: 'a name' });
    await entry({ ordering_key: OTHER, guid: randomUUID(), detail: 'a name' });
    expect(await blankAudit(database, { guids: [guid] })).toBe(1);
    expect(await blankAudit(database, { guids: [] })).toBe(0);
  });

  it('says that a key was erased, where the partition stands', async () => {
    await noteErasedKey(database, PLACE, KEY, BY);
    expect(
      await rowsOf('select ordering_key, decision, kafka_offset, actor, detail, guid from hookline.audit_log'),
    ).toEqual([
      { ordering_key: KEY, decision: 'erased', kafka_offset: '500', actor: 'ada', detail: BY.why, guid: null },
    ]);
  });
});
