import { createHash } from 'node:crypto';
import { backlogFigures, backlogValues, RATE } from '../backlog/figures.ts';
import { workOff, type WorkedOff } from '../backlog/work-off.ts';
import type { Bench, BenchContext, Measured, Side } from '../bench.ts';
import type { Ledger } from '../ledger.ts';
import { repositoriesInTurn } from '../load/deliveries.ts';
import { fillLog } from '../load/fill-log.ts';
import { countPublished } from '../observe/read-ledger.ts';
import { withSystem, type System } from '../system/open-system.ts';

const RECORDS = 100_000;
const REPOSITORIES = 1000;

/** How fast a storm of redeliveries is told to be nothing new. */
export const duplicates: Bench = {
  name: 'duplicates',
  about: 'deliveries that are known already against new ones; small bodies.',
  sides: { baseline: 'new', subject: 'known' },
  figures: backlogFigures({ [RATE]: { target: { atLeast: 3 } } }),
  measure: (side, context) => withSystem(context, (system) => measure(side, context, system)),
};

async function measure(side: Side, context: BenchContext, system: System): Promise<Measured> {
  const count = Math.ceil(RECORDS * context.scale);
  const fill = () =>
    fillLog(system, { repositories: repositoriesInTurn(count, REPOSITORIES), payloads: 'small', guids: guids() });
  const start = () => system.startProcessor({ isPlain: true });
  await fill();
  let worked: WorkedOff = await workOff(system, count, 'processed', start);
  if (side === 'subject') {
    await fill();
    worked = await workOff(system, count, 'duplicate', start);
  }
  context.say(`  ${worked.perSecond.toFixed(0)} records/s, ${worked.cpuMicroseconds.toFixed(0)} µs of CPU`);
  return { values: backlogValues(worked), ledger: await everyRecord(system, side === 'subject' ? 2 * count : count) };
}

/** The same ones each time. */
function* guids(): Generator<string> {
  for (let n = 0; ; n += 1) {
    const hash = createHash('sha256').update(String(n)).digest('hex');
    yield `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
  }
}

/**
 * By what is in the log: a record whose confirmation came too late is appended again, and is one more duplicate that must be
 * known as such.
 */
async function everyRecord(system: System, appended: number): Promise<Ledger> {
  const published = await countPublished(system);
  if (published < appended) throw new Error(`Of ${appended} records only ${published} are in the log.`);
  return { published, completed: await countDecided(system), missing: 0 };
}

/** Each identity claimed once, and each later record of it known as a duplicate. */
async function countDecided({ database }: System): Promise<number> {
  const { rows } = await database.query<{ n: number }>(
    `select (select count(*) from hookline.processed_deliveries where outcome = 'processed')::integer
            + (select count(*) from hookline.audit_log where stage = 'log' and decision = 'duplicate')::integer as n`,
  );
  return rows[0]?.n ?? 0;
}
