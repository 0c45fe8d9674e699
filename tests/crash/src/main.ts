// `npm run crash`: rounds of faults, and one verdict.
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandOf, parseArguments, USAGE, type Arguments } from './arguments.ts';
import { listFaults } from './faults/catalogue.ts';
import { planRounds, type PlannedRound } from './plan-rounds.ts';
import { describeViolations } from './round/describe.ts';
import { runRound } from './round/run-round.ts';
import { saveEvidence } from './round/save-evidence.ts';
import type { Verdict } from './round/verdict.ts';
import { listBugs } from './self-check/bugs/catalogue.ts';
import { selfCheck } from './self-check/run-self-check.ts';
import { openBench, type Bench } from './system/bench.ts';

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const parsed = parseArguments(process.argv.slice(2), () => randomBytes(4).toString('hex'));
switch (parsed.does) {
  case 'help':
    process.stdout.write(USAGE);
    break;
  case 'list':
    process.stdout.write(listFaults());
    break;
  case 'list-bugs':
    process.stdout.write(listBugs());
    break;
  case 'self-check': {
    const { bugs, parallel, root } = parsed;
    const print = (line: string): void => void process.stdout.write(`${line}\n`);
    process.exitCode = (await selfCheck({ root: checkout(root), bugs, parallel, print, say })) ? 0 : 1;
    break;
  }
  case 'refuse':
    process.stderr.write(`${parsed.why}\n\n${USAGE}`);
    process.exitCode = 2;
    break;
  case 'run':
    process.exitCode = (await runCampaign(parsed.arguments)) ? 0 : 1;
}

async function runCampaign(args: Arguments): Promise<boolean> {
  const rounds = planRounds(args);
  say(`seed ${args.seed}: ${rounds.length} rounds of ${args.deliveries} deliveries`);
  const waiting = rounds.entries();
  const verdicts: Verdict[] = [];
  let failed = 0;
  const worker = async (): Promise<void> => {
    const bench = await openBench(say);
    try {
      for (const [index, planned] of waiting) {
        say(`round ${index + 1} of ${rounds.length}: seed ${planned.seed}, ${planned.faults.join(', ') || 'no fault'}`);
        const verdict = await judged(bench, args, planned);
        if (verdict) verdicts.push(verdict);
        if (!verdict?.passed) failed += 1;
        if (verdict && args.json) process.stdout.write(`${JSON.stringify(verdict)}\n`);
      }
    } finally {
      await bench.close();
    }
  };
  await Promise.all(Array.from({ length: Math.min(args.parallel, rounds.length) }, worker));
  summarise(verdicts);
  if (!args.json) process.stdout.write(`${rounds.length - failed} passed, ${failed} failed\n`);
  return failed === 0;
}

/** Null: the round itself could not be run, which counts as a failure: nobody knows what it would have shown. */
async function judged(bench: Bench, args: Arguments, { seed, faults }: PlannedRound): Promise<Verdict | null> {
  const { deliveries } = args;
  const root = checkout(args.root);
  try {
    const verdict = await runRound(bench, { seed, faults, root, deliveries });
    const { counts, signs, durationMs, recoveryMs } = verdict;
    say(
      `  ${verdict.passed ? 'passed' : 'FAILED'} in ${seconds(durationMs)}, recovered in ${seconds(recoveryMs)}: ` +
        `${counts.records} records, ${counts.effects} effects, ${counts.parked} parked, ${counts.deadLetters} dead, ` +
        `${counts.takeovers} takeovers, ${signs.fencedOut} fenced out${operatorsOf(counts)}${effectsOf(verdict)}; ${counts.lost} lost, ${counts.doubled} doubled, ${counts.reordered} reordered`,
    );
    if (verdict.passed) return verdict;
    const evidence = await saveEvidence(verdict, args.keep);
    say(`${describeViolations(verdict.violations)}\n${verdict.notes.map((line) => `  ${line}`).join('\n')}`);
    say(`  evidence: ${evidence}\n  again: ${commandOf(seed, faults, deliveries)}`);
    return { ...verdict, evidence };
  } catch (error) {
    say(
      `  COULD NOT BE RUN: ${(error as Error).stack ?? String(error)}\n  again: ${commandOf(seed, faults, deliveries)}`,
    );
    return null;
  }
}

function operatorsOf({ commandsApplied, commandsRefused, held }: Verdict['counts']): string {
  if (commandsApplied + commandsRefused === 0) return '';
  return `; ${commandsApplied} commands applied, ${commandsRefused} refused, ${held} records held`;
}

function effectsOf({ effects }: Verdict): string {
  if (effects === null) return '';
  const { asked, done, dead, parked, lost, doubled, residual, twins, repeated, jobs } = effects;
  return (
    `; of ${asked} effects ${done} done, ${dead} dead (${parked} of them parked), ${repeated} repeated, ${jobs} jobs run, ` +
    `${lost} lost, ${doubled} doubled, ${residual} by the residual (${twins} twins left)`
  );
}

function checkout(root: string | null): string {
  return resolve(root ?? fileURLToPath(new URL('../../..', import.meta.url)));
}

function summarise(verdicts: readonly Verdict[]): void {
  const sum = (name: keyof Verdict['counts']): number => verdicts.reduce((all, { counts }) => all + counts[name], 0);
  say(
    `in all: ${sum('deliveries')} deliveries, ${sum('records')} records, ${sum('effects')} effects, ` +
      `${sum('deadLetters')} dead letters; ${sum('lost')} lost, ${sum('doubled')} doubled, ${sum('reordered')} reordered`,
  );
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
