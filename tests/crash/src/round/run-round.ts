import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { check, type Counts } from '../check/check.ts';
import { checkEffects } from '../check/check-effects.ts';
import type { Facts } from '../check/facts.ts';
import { countCommands } from '../check/i4-commands.ts';
import { BEGINNING, readFacts } from '../check/read-facts.ts';
import { readSending } from '../check/read-sending.ts';
import type { SendingFacts } from '../check/sending-facts.ts';
import { readCommands } from '../check/read-tables.ts';
import { violation, type Violation } from '../check/violation.ts';
import { findFault } from '../faults/catalogue.ts';
import type { Attack, Fault } from '../faults/fault.ts';
import type { Book } from '../operators/book.ts';
import { createDesk, type Desk } from '../operators/desk.ts';
import { releaseAll, settleAll } from '../operators/settle.ts';
import { createRandom, type Random } from '../random.ts';
import type { Bench } from '../system/bench.ts';
import { startSystem, untilOwned, type System } from '../system/system.ts';
import { createCourier } from '../traffic/courier.ts';
import { isDone, type Ledger } from '../traffic/ledger.ts';
import { sendAll, type Composed } from '../traffic/load.ts';
import { planTraffic, type PlanSettings } from '../traffic/plan.ts';
import { untilDrained } from './drain.ts';
import { loseData } from './lose-data.ts';
import { readSigns } from './read-signs.ts';
import { rereadLog } from './reread-log.ts';
import type { Verdict } from './verdict.ts';
import { verifyAll } from './verify-all.ts';

export interface RoundSettings {
  /** The same seed makes the same traffic and the same decisions of faults; when they meet is up to the machine. */
  seed: string;
  /** Names of faults, all at once; of those that lose data at most one. */
  faults: readonly string[];
  /** The checkout whose services run: another than the harness' own, for a copy with a seeded bug. */
  root: string;
  /** Default 3,000. */
  deliveries?: number;
  /** How long the traffic is spread; default 6 s. Faults take as long as they take. */
  spreadMs?: number;
  /** How long after the last fault everything must be done; default 90 s. */
  recoverMs?: number;
}

const CONCURRENCY = 48;
const REPOSITORIES = 80;
const RELAYS = 2;
const RECOVER_MS = 90_000;
const SPREAD_MS = 6000;
let rounds = 0;

/** One round: traffic, faults meanwhile, repair, recovery, check. Rejects only where the harness itself fails. */
export async function runRound(bench: Bench, settings: RoundSettings): Promise<Verdict> {
  const { seed, root, deliveries = 3000 } = settings;
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
    relays: faults.some(({ sends }) => sends) ? RELAYS : 0,
    settings: Object.assign({}, ...faults.map((fault) => fault.settings)) as Record<string, string>,
  });
  const given = new AbortController();
  const book: Book = new Map();
  const pause = (ms: number): Promise<void> => delay(ms, undefined, { signal: given.signal });
  const desk = createDesk({ system, book, random: random.fork('desk'), pause, note });
  try {
    await untilOwned(system);
    note('every partition is owned');
    const round: Round = {
      ...settings,
      ...{ system, faults, random, note, pause, book, desk },
      ledger: new Map(),
      sent: new Map(),
      signal: given.signal,
      traffic: numbers(),
    };
    const { facts, recoveryMs, violations, before, sending } = await play(round);
    const onlyHandlersFailed = faults.every(({ family }) => family === 'handlers');
    const struck = system.processors.flatMap((it) => it.reached()).length;
    const checked = check(facts, { onlyHandlersFailed, struck });
    const effects = sending && checkEffects(sending);
    violations.push(...checked.violations, ...(effects?.violations ?? []));
    const verdict: Verdict = {
      passed: violations.length === 0,
      seed,
      faults: faults.map(({ name }) => name),
      deliveries,
      violations,
      counts: before === null ? checked.counts : sum(before, checked.counts),
      effects: effects?.counts ?? null,
      signs: await readSigns(system.directory),
      recoveryMs: Math.round(recoveryMs),
      durationMs: Math.round(performance.now() - began),
      notes,
      reached: system.services.flatMap((it) => it.reached()),
      evidence: violations.length === 0 ? null : system.directory,
    };
    if (verdict.passed) await rm(system.directory, { recursive: true, force: true });
    else await keepEvidence(system, verdict, { facts, sending });
    return verdict;
  } finally {
    given.abort();
    await desk.close();
    await system.repair();
    await system.stopServices();
    await system.remove();
  }
}

interface Round extends Omit<RoundSettings, 'faults'> {
  system: System;
  ledger: Ledger;
  /** What was sent, by GUID. */
  sent: Map<string, Composed>;
  book: Book;
  desk: Desk;
  pause(ms: number): Promise<void>;
  faults: readonly Fault[];
  random: Random;
  note: (what: string) => void;
  signal: AbortSignal;
  /** Numbers the traffics of a round. */
  traffic: Iterator<number, number>;
}

interface Played {
  facts: Facts;
  recoveryMs: number;
  /** Found already, in what the facts do not show. */
  violations: Violation[];
  /** Of what was checked before data was lost, and is not among the facts. */
  before: Counts | null;
  /** Null: nobody has asked for effects. */
  sending: SendingFacts | null;
}

async function play(round: Round): Promise<Played> {
  const { system, faults, note, ledger, book, recoverMs = RECOVER_MS } = round;
  const found = await disturb(round, ledger);
  const operated = book.size > 0 || faults.some(({ family }) => family === 'operators');
  if (operated) await settleAll(round);
  const repaired = performance.now();
  note('repaired; waiting until nothing is left to do');
  const drained = await untilDrained(system, recoverMs);
  const recoveryMs = performance.now() - repaired;
  note(drained ? 'nothing is left to do' : 'gave up waiting');
  if (operated && drained) found.push(...(await lookAsOperators(round)));
  const loss = faults.find(({ lose }) => lose);
  if (!loss?.lose || !drained) {
    const rereads = drained && faults.some((fault) => fault.rereads);
    const ends = rereads ? new Map<string, string>() : await system.stopServices();
    note(`stopped: ${[...ends].map(([name, end]) => `${name} ${end}`).join(', ')}`);
    const facts = await readFacts(system, ledger, BEGINNING, book);
    if (rereads) found.push(...(await rereadLog(system, facts.log, { note, withinMs: recoverMs })));
    const sending = system.targets && (await readSending(system, system.targets));
    return { facts, recoveryMs, violations: found, before: null, sending };
  }
  const before = check(await readFacts(system, ledger, BEGINNING, book), { onlyHandlersFailed: false });
  const { facts, violations } = await loseData(
    { ...loss, lose: loss.lose },
    {
      system,
      ledger,
      book,
      recoverMs,
      attack: attackOf(round, loss.name),
      send: (deliveries, into) => send(round, into, { deliveries, poisons: [], spreadMs: deliveries * 2 }),
    },
  );
  return {
    facts,
    recoveryMs,
    violations: [...found, ...before.violations, ...violations],
    before: loss.complete ? null : before.counts,
    sending: null,
  };
}

/**
 * Traffic and faults at once; resolves when both are over and everything is repaired, to what was not accepted in time:
 * an ingest that does not come back would keep the round for ever.
 */
async function disturb(round: Round, ledger: Ledger): Promise<Violation[]> {
  const { system, faults, deliveries = 3000, recoverMs = RECOVER_MS } = round;
  const spreadMs = Math.max(round.spreadMs ?? SPREAD_MS, ...faults.map((fault) => fault.spreadMs ?? 0));
  const poisons = faults.flatMap((fault) => fault.poisons ?? []);
  const redelivery = faults.flatMap((fault) => (fault.redelivery ? { redelivery: fault.redelivery } : []))[0];
  const attacks = faults.map(async (fault) => fault.run?.(attackOf(round, fault.name)));
  // What was broken is mended when the faults are over, and only then can the last deliveries be accepted.
  const late = new AbortController();
  const signal = AbortSignal.any([round.signal, late.signal]);
  let timer: NodeJS.Timeout | undefined;
  const [, accepted] = await Promise.all([
    Promise.all(attacks).then(async () => {
      await system.repair();
      timer = setTimeout(() => late.abort(), spreadMs + recoverMs);
      await Promise.all(faults.map(async (fault) => fault.settle?.(attackOf(round, fault.name))));
    }),
    send({ ...round, signal }, ledger, { deliveries, poisons, spreadMs, ...redelivery }).then(
      () => true,
      (error: unknown) => {
        if (!late.signal.aborted) throw error;
        return false;
      },
    ),
  ]);
  clearTimeout(timer);
  const refused = accepted
    ? []
    : [...ledger.values()].filter(({ sendings }) => !isDone(sendings.at(-1) ?? { status: null }));
  return violation(
    'I8',
    'deliveries that are not accepted, however often they are sent',
    refused.map(({ guid, sendings }) => `${guid}: ${sendings.length} times, ${sendings.at(-1)?.status ?? 'no answer'}`),
  );
}

/** What was decided last can be applied last, and hold a repository after all others were released. */
async function lookAsOperators(round: Round): Promise<Violation[]> {
  const { system, book, note, recoverMs = RECOVER_MS } = round;
  await releaseAll(round);
  await untilDrained(system, recoverMs);
  const counts = countCommands({ commands: await readCommands(system.database) });
  const said = Object.entries(counts).map(
    ([name, { applied, refused }]) => `${name} ${applied} applied, ${refused} refused`,
  );
  note(`of ${book.size} decisions: ${said.join('; ')}`);
  return verifyAll(system);
}

function attackOf({ system, random, signal, note, pause, desk, ledger, sent }: Round, name: string): Attack {
  const own = random.fork(name);
  return {
    system,
    random: own,
    signal,
    pause,
    note: (what) => note(`${name}: ${what}`),
    desk,
    courier: createCourier({ ledger, sent, ingests: system.ingests, random: own.fork('courier'), pause }),
  };
}

/** Each call sends other deliveries. */
async function send(
  { system, random, signal, traffic, sent }: Round,
  ledger: Ledger,
  { spreadMs, ...planned }: Omit<PlanSettings, 'repositories'> & { spreadMs: number },
): Promise<void> {
  const own = random.fork(`traffic ${traffic.next().value}`);
  await sendAll({
    plan: planTraffic(own, { ...planned, repositories: REPOSITORIES }),
    ingests: system.ingests,
    ledger,
    random: own.fork('answers'),
    spreadMs,
    concurrency: CONCURRENCY,
    signal,
    sent,
  });
}

function sum(one: Counts, other: Counts): Counts {
  const names = Object.keys(one) as (keyof Counts)[];
  return Object.fromEntries(names.map((name) => [name, one[name] + other[name]])) as unknown as Counts;
}

function* numbers(): Generator<number, number> {
  for (let number = 1; ; number += 1) yield number;
}

async function keepEvidence(
  system: System,
  verdict: Verdict,
  { facts, sending }: Pick<Played, 'facts' | 'sending'>,
): Promise<void> {
  const plain = (_: string, value: unknown): unknown => {
    if (value instanceof Map || value instanceof Set) return [...value];
    return typeof value === 'bigint' ? String(value) : value;
  };
  const write = (file: string, content: unknown): Promise<void> =>
    writeFile(join(system.directory, file), JSON.stringify(content, plain, 1));
  await Promise.all([write('verdict.json', verdict), write('facts.json', facts), write('sending.json', sending)]);
}
