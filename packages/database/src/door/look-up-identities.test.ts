import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo, until } from '@hookline/test-support';
import { claimIdentities } from '../claim-identities.ts';
import type { Database } from '../database.ts';
import { makeRanges } from '../make-ranges.ts';
import { claim, sha256 } from '../testing/deliveries.ts';
import { PLACE } from '../testing/partitions.ts';
import { commit, transaction } from '../transaction.ts';
import { type Arrival, type ArrivalState, lookUpIdentities } from './look-up-identities.ts';

const TIMEOUT_MS = 10_000;

let own: TestDatabase;
let database: Database;

beforeAll(async () => {
  own = await testDatabase();
  database = connectTo(own.url);
  await makeRanges(database);
});
beforeEach(async () => {
  await database.query(
    'truncate hookline.processed_deliveries, hookline.lane_deliveries, hookline.dead_deliveries cascade',
  );
});
afterAll(async () => {
  await database.close();
  await own.drop();
});

const lookUp = (...arrivals: Arrival[]) => lookUpIdentities(database, arrivals, TIMEOUT_MS);

function arrival(given: Partial<Arrival> = {}): Arrival {
  const guid = randomUUID();
  return { dedupScope: 'main', guid, digest: sha256(guid), event: 'issues', ...given };
}

let offset = 0n;

async function claimed(one: Arrival, outcome = 'processed'): Promise<void> {
  await claimIdentities(database, [claim({ ...one, offset: offset++ })]);
  await database.query('update hookline.processed_deliveries set outcome = $2 where guid = $1', [one.guid, outcome]);
}

/** Its dead delivery, with one letter in each of the states. */
async function died({ guid, digest, dedupScope, event }: Arrival, ...letters: string[]): Promise<void> {
  const place = [PLACE.consumerGroup, PLACE.topic, PLACE.partition, 1, offset++];
  await database.query(
    `insert into hookline.dead_deliveries
            (consumer_group, topic, kafka_partition, incarnation, kafka_offset, appended_at, guid, digest, dedup_scope,
             event)
     values ($1, $2, $3, $4, $5, now(), $6, $7, $8, $9)`,
    [...place, guid, digest, dedupScope, event],
  );
  for (const [i, state] of letters.entries()) {
    await database.query(
      `insert into hookline.dead_letters
              (consumer_group, topic, kafka_partition, incarnation, kafka_offset, handler, reason, attempts,
               error_fingerprint, error_message, state)
       values ($1, $2, $3, $4, $5, $6, 'handler-failed', 1, '', '', $7)`,
      [...place, `handler ${i}`, state],
    );
  }
}

async function waits({ guid, digest, dedupScope, event }: Arrival): Promise<void> {
  await database.query(
    `insert into hookline.lane_deliveries
            (consumer_group, topic, kafka_partition, ordering_key, position, incarnation, kafka_offset, appended_at,
             source, dedup_scope, guid, digest, event, received_at, headers, secret_label, body, body_encoding,
             body_bytes)
     values ($1, $2, $3, 'key', $4, 1, $4, now(), 'main', $5, $6, $7, $8, now(), '{}', '', '', 'identity', 0)`,
    [PLACE.consumerGroup, PLACE.topic, PLACE.partition, offset++, dedupScope, guid, digest, event],
  );
}

/**
 * Whoever is told that a delivery is settled does not append it. So nothing is called settled that its record would still
 * do something about, nor what is somebody else's.
 */
describe('the look-up of arrivals', () => {
  const cases: [string, (one: Arrival) => Promise<void>, ArrivalState][] = [
    ['nobody has seen', async () => {}, 'unknown'],
    ['was processed', (one) => claimed(one), 'settled'],
    ['was discarded', (one) => claimed(one, 'discarded'), 'settled'],
    ['waits in a lane', (one) => waits(one), 'open'],
    ['was processed, and is run again in a lane', (one) => claimed(one).then(() => waits(one)), 'open'],
  ];
  const letters: [string, string, string[], ArrivalState][] = [
    ['is dead', 'dead', ['dead'], 'open'],
    ['is dead of one handler, and redriven of another', 'dead', ['redriven', 'dead'], 'open'],
    ['is dead, and to be redriven in a lane', 'dead', ['waiting'], 'open'],
    ['was dead, and all of it is redriven or discarded', 'dead', ['redriven', 'discarded'], 'settled'],
    ['was dead, and nobody knows of what', 'dead', [], 'unknown'],
    ['was processed, and died of a later run', 'processed', ['dead'], 'open'],
  ];
  const withLetters = letters.map(([what, outcome, states, state]): (typeof cases)[number] => [
    what,
    (one) => claimed(one, outcome).then(() => died(one, ...states)),
    state,
  ]);

  it.each([...cases, ...withLetters])('what %s', async (_what, given, state) => {
    const one = arrival();
    await given(one);
    expect(await lookUp(one)).toEqual([state]);
    // By all parts of the identity, and under its own event: a forged header must not have the genuine one refused.
    const others = [
      { ...one, event: 'issue_comment' },
      { ...one, guid: randomUUID() },
      { ...one, digest: sha256('another body') },
      { ...one, dedupScope: 'another' },
    ];
    expect(await lookUp(...others)).toEqual(others.map(() => 'unknown'));
  });

  it('that was dead, and is settled, is not open for what is open of another identity', async () => {
    const one = arrival();
    await claimed(one, 'dead');
    await died(one, 'redriven');
    const others = [{ dedupScope: 'another' }, { event: 'issue_comment' }, { digest: sha256('another body') }];
    for (const other of others) await died({ ...one, ...other }, 'dead');
    expect(await lookUp(one)).toEqual(['settled']);
  });

  it('that is dead-lettered for its event, and claimed by nobody, is unknown', async () => {
    const one = arrival();
    await died(one, 'dead');
    expect(await lookUp(one)).toEqual(['unknown']);
  });

  it('answers each in its place, also one that is asked for twice, over all ranges', async () => {
    const [lastWeek, thisWeek, waiting, dead, unknown] = [arrival(), arrival(), arrival(), arrival(), arrival()];
    await claimed(lastWeek);
    await database.query(`update hookline.processed_deliveries set claimed_at = claimed_at + interval '7 days'`);
    await claimed(thisWeek);
    await claimed(dead, 'dead');
    await died(dead, 'dead');
    await waits(waiting);
    expect(await lookUp(unknown, waiting, thisWeek, dead, lastWeek, thisWeek, unknown)).toEqual([
      ...['unknown', 'open', 'settled', 'open', 'settled', 'settled', 'unknown'],
    ]);
    expect(await lookUp()).toEqual([]);
  });

  it('is given up in time where a table is locked, by the server, too', async () => {
    const eager = connectTo(own.url, { applicationName: 'door' });
    const waiting = async () => {
      const { rows } = await database.query<{ n: number }>(
        `select count(*)::integer as n from pg_stat_activity where application_name = 'door' and wait_event_type = 'Lock'`,
      );
      return rows[0]?.n;
    };
    await transaction(database, {}, async (tx) => {
      await tx.query('lock table hookline.processed_deliveries in access exclusive mode');
      const failed = lookUpIdentities(eager, [arrival()], 1_000).then(
        () => false,
        () => true,
      );
      await until('it waits for the lock', async () => (await waiting()) === 1);
      expect(await failed).toBe(true);
      await until('nobody waits for the lock any more', async () => (await waiting()) === 0);
      return commit(null);
    });
    expect(await lookUpIdentities(eager, [arrival()], TIMEOUT_MS)).toEqual(['unknown']);
    await eager.close();
  });

  it('needs no more than the role of ingest is granted', async () => {
    const asIngest = connectTo(own.services.ingest);
    const [waiting, dead, processed] = [arrival(), arrival(), arrival()];
    await claimed(processed);
    await claimed(dead, 'dead');
    await died(dead, 'dead');
    await waits(waiting);
    expect(await lookUpIdentities(asIngest, [waiting, dead, processed], TIMEOUT_MS)).toEqual([
      ...['open', 'open', 'settled'],
    ]);
    await asIngest.close();
  });

  it('rejects where there is no database', async () => {
    const away = connectTo('postgresql://nobody@127.0.0.1:1/nothing');
    await expect(lookUpIdentities(away, [arrival()], TIMEOUT_MS)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await away.close();
  });
});

describe('its plan', () => {
  it('is probes of indexes, whatever is in the tables', async () => {
    await database.query(
      `insert into hookline.processed_deliveries
              (guid, digest, dedup_scope, event, topic, kafka_partition, incarnation, kafka_offset)
       select gen_random_uuid(), sha256(n::text::bytea), 'main', 'issues', 'github.deliveries', 0, 1, n
         from generate_series(1, 20000) as n`,
    );
    const plans: PlanNode[] = [];
    const explaining: Database = {
      ...database,
      async acquire() {
        const client = await database.acquire();
        const query: Database['query'] = async (text, values) => {
          if (values === undefined) return await client.query(text);
          const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
            `explain (analyze, format json) ${text}`,
            values,
          );
          plans.push((rows[0] as { 'QUERY PLAN': [{ Plan: PlanNode }] })['QUERY PLAN'][0].Plan);
          return { rows: [], rowCount: 0, command: 'EXPLAIN' };
        };
        return { ...client, query };
      },
    };
    await lookUpIdentities(
      explaining,
      Array.from({ length: 500 }, () => arrival()),
      TIMEOUT_MS,
    );
    const scans = plans.flatMap(nodes).filter((node) => node['Relation Name']?.startsWith('processed_deliveries_'));
    expect(scans.length).toBeGreaterThan(1);
    for (const scan of scans) {
      expect(scan['Node Type']).toMatch(/^Index/);
      expect(scan['Index Cond']).toMatch(/digest = asked.digest/);
    }
  });
});

type PlanNode = Record<string, unknown> & { 'Relation Name'?: string; 'Index Cond'?: string; Plans?: PlanNode[] };

function nodes(plan: PlanNode): PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodes)];
}
