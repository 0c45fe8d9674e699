import { setTimeout as delay } from 'node:timers/promises';
import { makeRanges } from '@hookline/database';
import type { ServiceProcess } from '@hookline/test-support';
import type { Ledger } from '../ledger.ts';
import { readRate, type RateOf } from '../observe/read-rate.ts';
import type { Outcome } from '../programs/orders.ts';
import type { System } from '../system/open-system.ts';
import { readCounters } from './read-counters.ts';
import { endedTooSoon } from '../system/program-end.ts';

/** A running program that works records off. */
export interface Consumer {
  ended: ServiceProcess['ended'];
  /** Ends it; resolves to what it says of itself. */
  stop(): Promise<Pick<Outcome, 'cpuSeconds' | 'peakRssBytes' | 'roundTrips' | 'allocatedBytes'>>;
}

/** What working a backlog off has taken, per delivery. */
export interface WorkedOff {
  perSecond: number;
  cpuMicroseconds: number;
  /** Of the whole run, and not per delivery. */
  peakRssBytes: number;
  allocatedBytes: number;
  roundTrips: number;
  commits: number;
  walBytes: number;
  /** By which the database has grown, indexes and free space included. */
  tableBytes: number;
}

/** The first tenth warms the process up; in the last one some partitions have nothing left to do. */
const STEADY = { from: 0.1, share: 0.9 };
const LOOK_MS = 200;
/** Far more than any side needs. */
const PATIENCE_MS = 20 * 60_000;

/** Has a log that is full worked off: `count` records, decided so. */
export async function workOff(
  { database }: Pick<System, 'database'>,
  count: number,
  decision: RateOf['decision'],
  start: () => Consumer,
): Promise<WorkedOff> {
  // A processor makes them at its start; others find them there.
  await makeRanges(database);
  const before = await readCounters(database);
  const consumer = start();
  const gone = endedTooSoon('The consumer', consumer.ended);
  let looks = 0;
  for (const deadline = performance.now() + PATIENCE_MS; ; looks += 1) {
    if ((await countDecided(database, decision)) >= count) break;
    if (performance.now() > deadline) throw new Error(`The log was not worked off in ${PATIENCE_MS / 60_000} minutes.`);
    await Promise.race([delay(LOOK_MS), gone]);
  }
  const { cpuSeconds, peakRssBytes, allocatedBytes, roundTrips } = await consumer.stop();
  const after = await readCounters(database);
  const { perSecond } = await readRate(database, { stage: 'log', decision, ...STEADY });
  return {
    perSecond,
    peakRssBytes,
    cpuMicroseconds: (cpuSeconds * 1e6) / count,
    allocatedBytes: allocatedBytes / count,
    roundTrips: roundTrips / count,
    commits: (after.commits - before.commits - looks) / count,
    walBytes: (after.walBytes - before.walBytes) / count,
    tableBytes: (after.databaseBytes - before.databaseBytes) / count,
  };
}

async function countDecided(database: System['database'], decision: string): Promise<number> {
  const { rows } = await database.query<{ n: number }>(
    `select count(*)::integer as n from hookline.audit_log where stage = 'log' and decision = $1`,
    [decision],
  );
  return rows[0]?.n ?? 0;
}

/** By the rows that are there in the end: as many identities as were published, each claimed and audited once. */
export async function processedLedger({ database }: Pick<System, 'database'>, published: number): Promise<Ledger> {
  const { rows } = await database.query<{ completed: number }>(
    `select count(distinct (claim.guid, claim.digest))::integer as completed
       from hookline.processed_deliveries as claim
       join (select guid, digest from hookline.audit_log
              where stage = 'log' and decision = 'processed' group by guid, digest having count(*) = 1) as decided
      using (guid, digest)`,
  );
  return { published, completed: rows[0]?.completed ?? 0, missing: 0 };
}
