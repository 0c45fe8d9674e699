import type { Database } from '@hookline/database';
import type { Dead } from './make-dead.ts';

/** One thing that must be true after a redrive. */
export interface Check {
  what: string;
  /** What was counted. */
  found: number;
  expected: number;
}

/** SQL: the deliveries that were redriven, each with how often its handler has run. */
const REDRIVEN = `
  with redriven as (
    select dead.guid, dead.ordering_key, dead.kafka_offset, letter.state
      from hookline.dead_letters letter
      join hookline.dead_deliveries dead
        using (consumer_group, topic, kafka_partition, incarnation, kafka_offset)
     where letter.error_fingerprint = $1
  ), runs as (
    select redriven.*, run.run_id
      from redriven join hookline_handlers.runs run using (guid)
  )`;

/**
 * Looks, by what the handler itself has written, by the dead letters and by the audit, whether each delivery has run once,
 * in order, and nothing else has.
 */
export async function checkRedrive(
  database: Database,
  { fingerprint, letters, others }: Dead,
  before: { activity: number },
): Promise<Check[]> {
  const count = async (sql: string, values: unknown[] = []): Promise<number> => {
    const { rows } = await database.query<{ n: string }>(sql, values);
    return Number(rows[0]?.n);
  };
  const of = (sql: string) => count(`${REDRIVEN} ${sql}`, [fingerprint]);
  return [
    {
      what: 'deliveries that have run exactly once',
      expected: letters,
      found: await of('select count(*) as n from (select guid from runs group by guid having count(*) = 1) as once'),
    },
    {
      what: 'runs out of the order of the log within their repository',
      expected: 0,
      found: await of(
        `select count(*) as n
           from (select kafka_offset < lag(kafka_offset) over (partition by ordering_key order by run_id) as late
                   from runs) as each
          where late`,
      ),
    },
    { what: 'runs in all', expected: letters, found: await count('select count(*) as n from hookline_handlers.runs') },
    {
      what: 'deliveries counted by the handler that was not dead',
      expected: before.activity,
      found: await readActivity(database),
    },
    {
      what: 'dead letters of the error left',
      expected: 0,
      found: await of(`select count(*) as n from redriven where state <> 'redriven'`),
    },
    {
      what: 'dead letters of the other error, dead as before',
      expected: others,
      found: await count(
        `select count(*) as n from hookline.dead_letters
          where error_fingerprint <> $1 and state = 'dead' and generation = 1`,
        [fingerprint],
      ),
    },
    {
      what: 'commands applied',
      expected: letters,
      found: await count(
        `select count(*) as n from hookline.control_commands where command = 'redrive' and outcome = 'applied'`,
      ),
    },
    {
      what: 'audit rows of a redrive',
      expected: letters,
      found: await count(`select count(*) as n from hookline.audit_log where decision = 'redriven'`),
    },
    {
      what: 'lanes open',
      expected: 0,
      found: await count('select count(*) as n from hookline.lanes'),
    },
  ];
}

/** How many deliveries the built-in handler has counted. */
export async function readActivity(database: Database): Promise<number> {
  const { rows } = await database.query<{ n: string | null }>(
    'select sum(deliveries) as n from hookline.repository_activity',
  );
  return Number(rows[0]?.n ?? 0);
}
