import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { partitionOf } from '@hookline/contracts';
import { until, type ProcessEnd, type ServiceProcess } from '@hookline/test-support';
import type { Harm } from '../programs/harm.ts';
import { startSystem, type IngestProcess, type System } from '../system/start-system.ts';
import { githubDelivery, repositoriesByPartition, type GithubDelivery } from '../traffic/github-delivery.ts';
import { createSender, type Sender } from '../traffic/sender.ts';
import { countLog } from '../verify/count-log.ts';

const HARMED = 'tests/e2e/src/programs/harmed-processor.ts';
const PARTITIONS = 2;
/** Every way to die, in its turn, so that each part of a record's way sees another one. */
const DEATHS: { harm: Harm; code: number | null; signal: NodeJS.Signals | null }[] = [
  { harm: 'loop', code: null, signal: 'SIGALRM' },
  { harm: 'exhaust', code: null, signal: 'SIGABRT' },
  { harm: 'exit', code: 7, signal: null },
];
/** In its slice, as a suspect, in its lane, in its last run, and once more there. */
const MOST_DEATHS = 5;
/** While so many have died, the innocent lane fails, too: it is open beside the killer's. */
const MOODY_UNTIL = 3;

let system: System;
let ingest: IngestProcess;
let sender: Sender;

beforeAll(async () => {
  system = await startSystem({ partitions: PARTITIONS });
  ingest = await system.startIngest();
  sender = createSender();
});
afterAll(async () => {
  sender.close();
  await system.stop();
});

function start(deaths: number): ServiceProcess {
  return system.start({
    main: HARMED,
    env: {
      HARM: DEATHS[deaths % DEATHS.length]?.harm,
      MOODY: String(deaths < MOODY_UNTIL),
      HOOKLINE_SESSION_TIMEOUT_MS: '1500',
      HOOKLINE_WATCHDOG_MS: '3000',
      HOOKLINE_LANE_RETRY_MIN_MS: '50',
      HOOKLINE_LANE_RETRY_MAX_MS: '500',
      HOOKLINE_LANE_MAX_ATTEMPTS: '1000',
      HOOKLINE_LANE_MAX_KILLS: '2',
      NODE_OPTIONS: '--max-old-space-size=128',
    },
  });
}

async function isDone(): Promise<boolean> {
  const { rows } = await system.database.query<{ n: string; open: string }>(
    `select (select coalesce(sum(next_offset), 0) from hookline.partition_offsets)::text as n,
            (select count(*) from hookline.lanes)::text as open`,
  );
  return BigInt(rows[0]?.n ?? 0) >= (await countLog(system)) && rows[0]?.open === '0';
}

/** How it has died; null: it has not, and everything is decided. */
async function untilDeadOrDone(processor: ServiceProcess): Promise<ProcessEnd | null> {
  let ended: ProcessEnd | null = null;
  void processor.ended.then((end) => (ended = end));
  await until('all is decided', async () => ended !== null || (await isDone()), 120_000);
  return ended;
}

async function said(query: string): Promise<string[]> {
  const { rows } = await system.database.query<{ said: string }>(query);
  return rows.map((row) => row.said);
}

describe('a record that kills the process that handles it', () => {
  // Each process that takes its partition over would die of it, too, and everything else would wait for ever. Found by
  // deaths alone, since none of them leaves a word; what merely runs beside it must not be found with it.
  it('is set aside after a few deaths, in its slice and in its lane, and nothing else is blamed', async () => {
    const [repository, elsewhere] = repositoriesByPartition(PARTITIONS, partitionOf) as [number, number];
    const others = innocents(repository);
    const killer = githubDelivery(repository, { harmful: true });
    const behind = githubDelivery(repository);
    const moody = githubDelivery(others[0] as number, { moody: true });
    const deliveries: GithubDelivery[] = [
      moody,
      ...others.map((other) => githubDelivery(other)),
      killer,
      behind,
      ...others.map((other) => githubDelivery(other)),
      ...Array.from({ length: 5 }, () => githubDelivery(elsewhere)),
    ];
    await sender.postAll(
      deliveries.map((delivery) => ({ delivery, url: ingest.url })),
      1,
    );

    let deaths = 0;
    let processor = start(deaths);
    for (;;) {
      const ended = await untilDeadOrDone(processor);
      if (!ended) break;
      const { code, signal } = DEATHS[deaths % DEATHS.length] as (typeof DEATHS)[number];
      expect({ deaths, code: ended.code, signal: ended.signal }).toEqual({ deaths, code, signal });
      deaths += 1;
      expect(deaths).toBeLessThanOrEqual(MOST_DEATHS);
      processor = start(deaths);
    }
    expect((await processor.stop()).code).toBe(0);

    expect(deaths).toBeGreaterThan(DEATHS.length);
    expect(
      await said(`select concat_ws(' ', guid, handler, reason) as said from hookline.dead_letters d
                         join hookline.dead_deliveries using (topic, kafka_partition, incarnation, kafka_offset)`),
    ).toEqual([`${killer.guid} harmful process-killed`]);
    const last = await said(
      `select distinct on (guid) concat_ws(' ', guid, decision) as said from hookline.audit_log
        where decision <> 'retried' and guid is not null order by guid, audit_id desc`,
    );
    expect(last.toSorted()).toEqual(
      deliveries.map(({ guid }) => `${guid} ${guid === killer.guid ? 'dead-lettered' : 'processed'}`).toSorted(),
    );
    // The other handlers of the killer ran, once, and before what came behind it.
    const activity = await said(
      `select concat_ws(' ', ordering_key, deliveries, last_guid) as said from hookline.repository_activity`,
    );
    expect(activity).toContain(`${killer.key} 2 ${behind.guid}`);
    expect(activity).toHaveLength(others.length + 2);
  }, 400_000);
});

/** Other repositories of the same partition. */
function innocents(repository: number): number[] {
  const at = (id: number) => partitionOf(`github.com/repository/${id}`, PARTITIONS);
  return Array.from({ length: 40 }, (_, i) => 1000 + i)
    .filter((id) => at(id) === at(repository))
    .slice(0, 5);
}
