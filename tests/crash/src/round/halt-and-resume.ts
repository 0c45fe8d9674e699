import { until } from '@hookline/test-support';
import { violation, type Violation } from '../check/violation.ts';
import type { Due } from '../faults/fault.ts';
import { nextOffsets } from '../system/next-offsets.ts';
import { runHookline } from '../system/run-hookline.ts';
import type { System } from '../system/system.ts';

/**
 * What must follow a loss: those partitions halt, for such a reason; while they wait nothing of them is touched, and
 * the others go on.
 *
 * @param send sends some deliveries to all partitions
 * @param withinMs how long they may take to halt
 */
export async function expectHalts(
  system: System,
  due: Due,
  send: () => Promise<void>,
  note: (what: string) => void,
  withinMs: number,
): Promise<Violation[]> {
  const { partitions, reasons } = due;
  let halts = new Map<number, string>();
  const allHalted = until(
    'halts',
    async () => {
      halts = await readHalts(system).catch(() => halts);
      return partitions.every((partition) => halts.has(partition));
    },
    withinMs,
  );
  // Whether it comes in time is what is asked.
  await allHalted.catch(() => {});
  note(`halted: ${[...halts].map(([partition, reason]) => `${partition} ${reason}`).join(', ') || 'none'}`);
  const before = new Map(await nextOffsets(system));
  const effects = await effectsOf(system, partitions);
  await send();
  const after = new Map(await nextOffsets(system));
  const missing = partitions.filter((partition) => !halts.has(partition));
  const wrong = [...halts].filter(
    ([partition, reason]) => !partitions.includes(partition) || !reasons.includes(reason),
  );
  const moved = partitions.filter((partition) => before.get(partition) !== after.get(partition));
  const written = (await effectsOf(system, partitions)) - effects;
  return [
    ...violation(
      'I8',
      'partitions that lost data and have not halted',
      missing.map((partition) => `partition ${partition}`),
    ),
    ...violation(
      'I8',
      'halts that are not due, or for a wrong reason',
      wrong.map(([partition, reason]) => `partition ${partition}: ${reason}`),
    ),
    ...violation(
      'I8',
      'halted partitions that went on by themselves',
      moved.map((partition) => `partition ${partition} from ${before.get(partition)} to ${after.get(partition)}`),
    ),
    ...violation('I8', 'effects of halted partitions', written === 0 ? [] : [`${written} effects`]),
  ];
}

const AGAIN = 10;

/** Has an operator decide, by the command line that operators have. */
export async function resumeAll(system: System, due: Due): Promise<Violation[]> {
  const refused: string[] = [];
  for (const partition of due.partitions) {
    const args = ['partitions', 'resume', String(partition), '--from', due.from(partition)];
    const decide = () => runHookline(system, [...args, '--why', 'the harness lost it', '--as', 'crash', '--yes']);
    let ran = await decide();
    // Its owner is another since, and still looks: an operator looks again, too.
    for (let again = 0; ran.output.includes('is not halted') && again < AGAIN; again += 1) ran = await decide();
    if (ran.code !== 0) refused.push(`partition ${partition}: exit code ${ran.code}, ${ran.output.trim().slice(-300)}`);
  }
  return violation('I8', 'decisions of an operator that did not take effect', refused);
}

/** Those that hold now: one that its owner has left behind is no halt any more. */
async function readHalts({ database, topic }: System): Promise<Map<number, string>> {
  const { rows } = await database.query<{ partition: number; reason: string }>(
    'select kafka_partition as partition, reason from hookline.partition_halts where topic = $1 order by 1',
    [topic],
  );
  return new Map(rows.map(({ partition, reason }) => [partition, reason]));
}

async function effectsOf({ database }: System, partitions: readonly number[]): Promise<number> {
  const { rows } = await database.query<{ n: number }>(
    'select count(*)::integer as n from crash.effects where kafka_partition = any ($1)',
    [partitions],
  );
  return rows[0]?.n ?? 0;
}
