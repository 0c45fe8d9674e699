import type { Violation } from '../check/violation.ts';
import { describeViolations } from '../round/describe.ts';
import { runRound } from '../round/run-round.ts';
import { saveEvidence } from '../round/save-evidence.ts';
import type { Verdict } from '../round/verdict.ts';
import { openBench, type Bench } from '../system/bench.ts';
import { seedBug } from './apply-edits.ts';
import type { Bug } from './bug.ts';
import { ROUNDS, type RoundName, type SeededRound } from './rounds.ts';
import { copyCheckout, type ScratchCopy } from './scratch-copy.ts';

export interface SelfCheckSettings {
  /** The checkout that is copied. */
  root: string;
  bugs: readonly Bug[];
  /** Benches, each with a copy of its own. */
  parallel: number;
  /** Told of each bug, and of the end. */
  print: (line: string) => void;
  /** Told of what goes on meanwhile. */
  say: (line: string) => void;
}

interface Place {
  bench: Bench;
  copy: ScratchCopy;
}

interface Catch {
  bug: Bug;
  round: RoundName;
  seed: string;
  violation: Violation;
}

/** Rounds by which a bug is to be caught: when faults meet what they are for is up to the machine. */
const TRIES = 3;
/** Much more than a round needs that nothing is wrong with; the control shows whether it is. */
const RECOVER_MS = 40_000;

/**
 * Whether the harness can fail: seeds each bug in a copy of the checkout and runs the rounds that are to catch it. What
 * caught one must pass without it, or it has caught something else. Resolves to whether all were caught.
 */
export async function selfCheck({ root, bugs, parallel, print, say }: SelfCheckSettings): Promise<boolean> {
  const catches: Catch[] = [];
  const passed = new Map<string, boolean>();
  const waiting = bugs.values();
  const places: Place[] = [];
  try {
    for (let i = 0; i < Math.min(parallel, bugs.length); i += 1) {
      places.push({ bench: await openBench(say), copy: await copyCheckout(root) });
    }
    const everywhere = (work: (place: Place) => Promise<void>) => Promise.all(places.map(work));
    await everywhere(async (place) => {
      for (const bug of waiting) {
        const caught = await hunt(place, bug, say);
        if (caught) catches.push(caught);
        print(caught ? `caught      ${bug.name}: ${describeCatch(caught)}` : `NOT CAUGHT  ${bug.name}: it ${bug.does}`);
      }
    });
    const controls = new Map(catches.map(({ round, seed }) => [seed, round])).entries();
    await everywhere(async (place) => {
      for (const [seed, round] of controls) passed.set(seed, await control(place, round, seed, print, say));
    });
  } finally {
    for (const { bench, copy } of places) {
      await bench.close();
      await copy.remove();
    }
  }
  const meant = catches.filter(({ seed }) => passed.get(seed));
  for (const { bug, seed } of catches) {
    if (!passed.get(seed)) print(`NOT CAUGHT  ${bug.name}: seed ${seed} fails without it, too`);
  }
  print(`${meant.length} of ${bugs.length} seeded bugs caught`);
  return meant.length === bugs.length;
}

/** Null: nothing has noticed it. */
async function hunt({ bench, copy }: Place, bug: Bug, say: (line: string) => void): Promise<Catch | null> {
  const restore = await seedBug(copy.root, bug);
  try {
    for (let nth = 1; nth <= TRIES; nth += 1) {
      const seed = `self-check/${bug.round}/${nth}`;
      const verdict = await oneRound(bench, copy, bug.round, seed, (what) => say(`${bug.name}: ${what}`));
      const violation = verdict?.violations.find(({ invariant }) => bug.breaks.includes(invariant));
      if (violation) return { bug, round: bug.round, seed, violation };
      await keepUnexpected(verdict, say);
    }
    return null;
  } finally {
    await restore();
  }
}

async function control(
  { bench, copy }: Place,
  round: RoundName,
  seed: string,
  print: (line: string) => void,
  say: (line: string) => void,
): Promise<boolean> {
  const verdict = await oneRound(bench, copy, round, seed, (what) => say(`without a bug: ${what}`));
  const passed = verdict?.passed === true;
  await keepUnexpected(verdict, say);
  print(passed ? `passes      seed ${seed}, without a bug` : `FAILS       seed ${seed}, without a bug`);
  return passed;
}

/** What fails, and not for the bug that is seeded, is to be looked at. */
async function keepUnexpected(verdict: Verdict | null, say: (line: string) => void): Promise<void> {
  if (verdict && !verdict.passed) say(`  evidence: ${await saveEvidence(verdict)}`);
}

/** Null: it could not be run, and so has shown nothing. */
async function oneRound(
  bench: Bench,
  { root }: ScratchCopy,
  round: RoundName,
  seed: string,
  say: (what: string) => void,
): Promise<Verdict | null> {
  const { faults, deliveries, spreadMs }: SeededRound = ROUNDS[round];
  try {
    const settings = { seed, root, faults, deliveries, spreadMs, recoverMs: RECOVER_MS };
    const verdict = await runRound(bench, settings);
    say(`seed ${seed}, ${(verdict.durationMs / 1000).toFixed(1)} s, ${verdict.violations.length} violations`);
    say(`  crash points: ${verdict.reached.join(', ') || 'none'}`);
    if (!verdict.passed) say(`\n${describeViolations(verdict.violations)}`);
    return verdict;
  } catch (error) {
    say(`seed ${seed} could not be run: ${(error as Error).stack ?? String(error)}`);
    return null;
  }
}

function describeCatch({ seed, violation: { invariant, what, count, examples } }: Catch): string {
  return `${invariant}, ${count} × ${what} (${seed}; ${examples[0]})`;
}
