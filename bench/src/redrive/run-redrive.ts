import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '@hookline/test-support';
import type { BenchContext } from '../bench.ts';
import { untilCaughtUp, untilLanesAreEmpty } from '../observe/waits.ts';
import type { Usage } from '../programs/leave-outcome.ts';
import { withSystem, type System } from '../system/open-system.ts';
import type { RedriveOptions } from './arguments.ts';
import { checkRedrive, readActivity, type Check } from './check-redrive.ts';
import { startHookline } from './hookline.ts';
import { makeDead, REDRIVEN, type Dead } from './make-dead.ts';

export interface RedriveReport {
  letters: number;
  repositories: number;
  rate: number;
  /** By phase. */
  seconds: { makeDead: number; command: number; untilAllHaveRun: number };
  /** Per second, from the start of the command until all have run. */
  perSecond: number;
  peakRssBytes: { command: number | null; processor: number };
  cpuSeconds: { command: number | null; processor: number };
  checks: Check[];
  /** What `hookline verify` has found before, and after; null: nothing. */
  verify: { before: string | null; after: string | null };
}

/** Part of the letters that have run when the command is interrupted. */
const INTERRUPT_AT = 0.2;
const PATIENCE_MS = 30 * 60_000;

/** One redrive of many dead letters, from end to end, on a topic and a database of its own. */
export function runRedrive(
  options: Omit<RedriveOptions, 'json'>,
  context: Pick<BenchContext, 'stack' | 'from' | 'profiles' | 'say'>,
): Promise<RedriveReport> {
  const { letters, repositories, rate, interrupt } = options;
  const { say } = context;
  return withSystem(context, async (system) => {
    const { database } = system;
    const clock = stopwatch();
    say(`making ${letters} dead letters of ${repositories} repositories`);
    const dead = await makeDead(system, letters, repositories);
    const makeDeadSeconds = clock();
    say(`made in ${makeDeadSeconds.toFixed(0)} s`);
    const before = { activity: await readActivity(database) };
    const verifiedBefore = await verify(system);

    const usageFile = join(system.directory, 'mended.json');
    const mended = system.start(REDRIVEN, {
      env: { BENCH_USAGE: usageFile },
    });
    await mended.untilReady();
    clock();
    const command = await redrive(system, dead, { rate, interrupt, say });
    const commandSeconds = clock();
    await untilCaughtUp(system);
    await untilLanesAreEmpty(system);
    const restSeconds = clock();
    await mended.stop();
    const processor = JSON.parse(await readFile(usageFile, 'utf8')) as Usage;
    return {
      ...{ letters, repositories, rate },
      seconds: { makeDead: makeDeadSeconds, command: commandSeconds, untilAllHaveRun: commandSeconds + restSeconds },
      perSecond: letters / (commandSeconds + restSeconds),
      peakRssBytes: { command: command?.peakRssBytes ?? null, processor: processor.peakRssBytes },
      cpuSeconds: { command: command?.cpuSeconds ?? null, processor: processor.cpuSeconds },
      checks: await checkRedrive(database, dead, before),
      verify: { before: verifiedBefore, after: await verify(system) },
    };
  });
}

/** Whether all is as it must be. Pure. */
export function isSound({ checks, verify: { before, after } }: Pick<RedriveReport, 'checks' | 'verify'>): boolean {
  return before === null && after === null && checks.every(({ found, expected }) => found === expected);
}

async function redrive(
  system: System,
  { fingerprint, letters }: Dead,
  { rate, interrupt, say }: Pick<RedriveOptions, 'rate' | 'interrupt'> & Pick<BenchContext, 'say'>,
): Promise<Usage | null> {
  const args = ['dead-letters', 'redrive', '--fingerprint', fingerprint, '--why', 'the label is there', '--yes'];
  args.push('--rate', String(rate), '--wait', String(PATIENCE_MS / 1000));
  if (interrupt) {
    const first = startHookline(system, args, say);
    await until('some have run', async () => (await countRuns(system)) >= letters * INTERRUPT_AT, PATIENCE_MS);
    first.process.signal('SIGINT');
    const { signal } = await first.process.ended;
    if (signal !== 'SIGINT') throw new Error('The command had ended before it was interrupted.');
    const [, bulk] = /--bulk (\S+)/.exec(first.told()) ?? [];
    if (bulk === undefined) throw new Error(`The command has not said how to go on:\n${first.told()}`);
    say('interrupted; the same again');
    args.push('--bulk', bulk);
  }
  const command = startHookline(system, args, say);
  const { code } = await command.process.ended;
  if (code !== 0) throw new Error(`The command ended with exit code ${code}:\n${command.told()}`);
  return command.usage();
}

async function countRuns({ database }: System): Promise<number> {
  const { rows } = await database.query<{ n: string }>('select count(*) as n from hookline_handlers.runs');
  return Number(rows[0]?.n);
}

async function verify(system: System): Promise<string | null> {
  const { process } = startHookline(system, ['verify'], () => {});
  const { code, stdout, stderr } = await process.ended;
  return code === 0 ? null : `${stdout}\n${stderr}`;
}

function stopwatch(): () => number {
  let since = performance.now();
  return () => {
    const seconds = (performance.now() - since) / 1000;
    since = performance.now();
    return seconds;
  };
}
