import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { check } from '../check/check.ts';
import type { Facts } from '../check/facts.ts';
import { readFacts } from '../check/read-facts.ts';
import { findFault } from '../faults/catalogue.ts';
import type { Fault } from '../faults/fault.ts';
import { createRandom, type Random } from '../random.ts';
import type { Bench } from '../system/bench.ts';
import { startSystem, untilOwned, type System } from '../system/system.ts';
import type { Ledger } from '../traffic/ledger.ts';
import { sendAll } from '../traffic/load.ts';
import { planTraffic } from '../traffic/plan.ts';
import { untilDrained } from './drain.ts';
import type { Verdict } from './verdict.ts';

export interface RoundSettings {
  /** The same seed makes the same traffic and the same decisions of faults; when they meet is up to the machine. */
  seed: string;
  /** Names of faults, all at once. */
  faults: readonly string[];
  /** The checkout whose services run: another than the harness' own, for a copy with a seeded bug. */
  root: string;
  /** Default 3,000. */
  deliveries?: number;
  /** How long the traffic is spread, and faults take place; default 8 s. */
  spreadMs?: number;
  /** How long after the last fault everything must be done; default 60 s. */
  recoverMs?: number;
}

const CONCURRENCY = 48;
let rounds = 0;

/** One round: traffic, faults meanwhile, repair, recovery, check. Rejects only where the harness itself fails. */
export async function runRound(bench: Bench, settings: RoundSettings): Promise<Verdict> {
  const { seed, root, deliveries = 3000, spreadMs = 8000, recoverMs = 60_000 } = settings;
  const faults = settings.faults.map(findFault);
  const random = createRandom(seed);
  const began = performance.now();
  const notes: string[] = [];
  const note = (what: string): void => {
    notes.push(`${((performance.now() - began) / 1000).toFixed(2).padStart(6)} s  ${what}`);
  };
  rounds += 1;
  const system = await startSystem(bench, {
    root,
    name: `${process.pid}-${rounds}`,
    ingests: 2,
    processors: random.fork('size').integer(2, 3),
    settings: Object.assign({}, ...faults.map((fault) => fault.settings)) as Record<string, string>,
  });
  const ledger: Ledger = new Map();
  try {
    await untilOwned(system);
    note('every partition is owned');
    await disturb(system, faults, ledger, { random, deliveries, spreadMs, note });
    const repaired = performance.now();
    note('repaired; waiting until nothing is left to do');
    const drained = await untilDrained(system, recoverMs);
    const recoveryMs = performance.now() - repaired;
    note(drained ? 'nothing is left to do' : 'gave up waiting');
    const ends = await system.stopServices();
    note(`stopped: ${[...ends].map(([name, end]) => `${name} ${end}`).join(', ')}`);
    const facts = await readFacts(system, ledger);
    const { violations, counts } = check(facts, { onlyHandlersFailed: faults.every((it) => it.family === 'handlers') });
    const passed = violations.length === 0;
    const verdict: Verdict = {
      passed,
      seed,
      faults: faults.map(({ name }) => name),
      deliveries,
      violations,
      counts,
      recoveryMs: Math.round(recoveryMs),
      durationMs: Math.round(performance.now() - began),
      notes,
      reached: system.services.flatMap((it) => it.reached()),
      evidence: passed ? null : system.directory,
    };
    if (passed) await rm(system.directory, { recursive: true, force: true });
    else await keepEvidence(system, verdict, facts);
    return verdict;
  } finally {
    await system.stopServices();
    await system.remove();
  }
}

interface Disturbance {
  random: Random;
  deliveries: number;
  spreadMs: number;
  note: (what: string) => void;
}

/** Traffic and faults at once; resolves when both are over and everything is repaired. */
async function disturb(
  system: System,
  faults: readonly Fault[],
  ledger: Ledger,
  { random, deliveries, spreadMs, note }: Disturbance,
): Promise<void> {
  const given = new AbortController();
  const { signal } = given;
  const plan = planTraffic(random.fork('traffic'), {
    deliveries,
    repositories: 80,
    poisons: faults.flatMap(({ poisons = [] }) => poisons),
  });
  const pause = (ms: number): Promise<void> => delay(ms, undefined, { signal });
  const attacks = faults.map(async ({ name, run }) => {
    const attack = {
      system,
      random: random.fork(name),
      signal,
      pause,
      note: (what: string) => note(`${name}: ${what}`),
    };
    await run?.(attack);
  });
  try {
    const load = sendAll({
      plan,
      ingests: system.ingests,
      ledger,
      random: random.fork('load'),
      spreadMs,
      concurrency: CONCURRENCY,
      signal,
    });
    // What was broken is mended when the faults are over, and only then can the last deliveries be accepted.
    await Promise.all([load, Promise.all(attacks).then(() => system.repair())]);
  } finally {
    given.abort();
    await system.repair();
  }
}

async function keepEvidence(system: System, verdict: Verdict, facts: Facts): Promise<void> {
  const write = (file: string, content: unknown): Promise<void> =>
    writeFile(
      join(system.directory, file),
      JSON.stringify(content, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value), 1),
    );
  await Promise.all([write('verdict.json', verdict), write('facts.json', facts)]);
}
