import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { countAudit, startLoad, type Load } from '@hookline/e2e';
import { until } from '@hookline/test-support';
import { checkOut } from '../check-out.ts';
import { factsOf } from '../facts.ts';
import { lastRelease, ROOT } from '../release.ts';
import { createFleet, type Fleet } from './fleet.ts';
import { inOrder, readLedger } from './ledger.ts';
import { prepare, startSharedSystem, type SharedSystem, type Version } from './system.ts';

const REPOSITORIES = Array.from({ length: 10 }, (_, i) => 101 + i);
const [FIRST, SECOND] = ['github.com/repository/101', 'github.com/repository/102'];
const PAYLOAD = { padding: 'x'.repeat(2000) };
/** Slow enough that a small machine, on which ten services start meanwhile, keeps up: a decision waits behind what waits. */
const PACE_MS = 100;

const current: Version = { name: 'new', root: ROOT };
let former: Version;
beforeAll(async () => {
  const release = await lastRelease();
  former = { name: 'old', root: await checkOut(release.commit) };
  // What `npm test` compares with is what this release was.
  expect(await factsOf(former.root)).toEqual({ migrations: release.migrations, schemas: release.schemas });
}, 900_000);

let system: SharedSystem;
let fleet: Fleet;
let load: Load | undefined;

async function endLoad(): Promise<Load> {
  if (!load) throw new Error('There is no load.');
  await load.stop();
  return load;
}

/** The load first: a post that finds nobody would be told as a failure of its own. */
async function stopAll(): Promise<void> {
  await load?.stop();
  await system.stop();
}

/** Waits until so many more have been processed. */
async function goOn(count: number): Promise<void> {
  const before = await countAudit(system, 'processed');
  await until(
    `${count} more are processed`,
    async () => (await countAudit(system, 'processed')) >= before + count,
    60_000,
  );
}

/** One after another, while the load goes on: a service of the other version comes before one of the former goes. */
async function roll(to: Version): Promise<void> {
  const kinds = ['ingest', 'processor', 'relay', 'ingest', 'processor'] as const;
  const drained = async () => load?.answered();
  for (const kind of kinds) {
    expect({ kind, code: await fleet.replace(kind, to, drained) }).toEqual({ kind, code: 0 });
    await goOn(50);
  }
}

async function startFleet(version: Version): Promise<Load> {
  fleet = createFleet(system);
  for (const kind of ['ingest', 'ingest', 'processor', 'processor', 'relay'] as const) {
    await fleet.start(kind, version);
  }
  return startLoad(fleet.urls, REPOSITORIES, () => PAYLOAD, PACE_MS);
}

const decide = (by: Version, what: string, key: string) =>
  system.command(by, 'operator', 'lanes', what, key, '--why', 'an upgrade', '--wait', '120');

// The order of an upgrade, as operators do it: schema first, then services one by one, all of it under load; then back,
// since a release can be bad, and forward again. Nobody may be refused, and nothing lost, doubled or reordered, whoever has
// written what another reads: records, rows of lanes, effects, commands.
describe('a system of the last release is upgraded under load, rolled back, and upgraded again', () => {
  beforeAll(async () => {
    system = await startSharedSystem([former]);
    load = await startFleet(former);
  }, 600_000);
  afterAll(stopAll, 300_000);

  it('and every delivery is processed and forwarded once, in order', async () => {
    await goOn(100);
    await prepare(system.command, current);
    await goOn(100);
    await decide(current, 'hold', FIRST);
    await roll(current);
    await decide(former, 'release', FIRST);
    await decide(former, 'hold', SECOND);
    await goOn(100);
    await roll(former);
    await decide(current, 'release', SECOND);
    await goOn(100);
    await roll(current);
    const sent = await endLoad();

    const { pairs, ...ledger } = await readLedger(system, fleet, sent);
    expect(Object.fromEntries(sent.refused)).toEqual({});
    expect(ledger).toEqual(inOrder);
    expect(Object.keys(pairs).toSorted()).toEqual(['new to new', 'new to old', 'old to new', 'old to old']);
    for (const version of [former, current]) await system.command(version, 'operator', 'verify');
    process.stderr.write(`${sent.count()} deliveries, by who wrote and who processed them: ${JSON.stringify(pairs)}\n`);
  }, 900_000);
});

// After a rollback, and for as long as an upgrade takes: the release before knows nothing of the new schema.
describe('services of the last release alone on the schema of this one', () => {
  beforeAll(async () => {
    system = await startSharedSystem([current]);
    load = await startFleet(former);
  }, 600_000);
  afterAll(stopAll, 300_000);

  it('process and forward every delivery once, in order', async () => {
    await goOn(300);
    const sent = await endLoad();
    const { pairs, ...ledger } = await readLedger(system, fleet, sent);
    expect(ledger).toEqual(inOrder);
    expect(Object.keys(pairs)).toEqual(['old to old']);
    await system.command(former, 'operator', 'verify');
  }, 600_000);
});
