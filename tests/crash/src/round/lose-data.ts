import { partitionOf } from '@hookline/contracts';
import { readLogBounds } from '@hookline/kafka';
import { BEGINNING, readFacts } from '../check/read-facts.ts';
import type { Facts } from '../check/facts.ts';
import type { Violation } from '../check/violation.ts';
import type { Attack, Due, Fault } from '../faults/fault.ts';
import type { Book } from '../operators/book.ts';
import { logger, PARTITIONS, type System } from '../system/system.ts';
import { isAccepted, type Ledger } from '../traffic/ledger.ts';
import { untilDrained } from './drain.ts';
import { expectHalts, resumeAll } from './halt-and-resume.ts';
import { setMark } from './mark.ts';

export interface LossSettings {
  system: System;
  attack: Attack;
  /** Sends that many ordinary deliveries, and notes them in a book. */
  send(deliveries: number, ledger: Ledger): Promise<void>;
  /** Of all that was sent before. */
  ledger: Ledger;
  /** Of all that operators have decided before. */
  book: Book;
  recoverMs: number;
}

export interface LossEnd {
  facts: Facts;
  /** What is wrong about halts and decisions. */
  violations: Violation[];
}

const MEANWHILE = 200;
const HALT_MS = 60_000;
const AFTERWARDS = 600;

/**
 * Takes data away from a system in which everything is processed; sees it halt, decides as an operator would, and has it
 * go on. Resolves to the facts of what came with and after the loss, or of everything where nothing may be missing.
 */
export async function loseData(
  { lose, complete = false }: Required<Pick<Fault, 'lose'>> & Fault,
  { system, attack, send, ledger, book, recoverMs }: LossSettings,
): Promise<LossEnd> {
  const mark = complete ? BEGINNING : await setMark(system);
  const during: Ledger = new Map();
  const after: Ledger = new Map();
  const due = await lose({ ...attack, send: (deliveries) => send(deliveries, during) });
  const restoredAt = complete ? Date.now() : 0;
  const violations = await expectHalts(
    system,
    due,
    () => send(MEANWHILE, after),
    attack.note,
    Math.min(HALT_MS, recoverMs),
  );
  // What has not halted as it had to cannot be resumed, and what becomes of it would add nothing.
  if (violations.length === 0) {
    violations.push(...(await resumeAll(system, due)));
    await send(AFTERWARDS, after);
    await untilDrained(system, recoverMs);
  }
  await Promise.all(system.services.map((it) => it.hold()));
  const from = complete
    ? { ...mark, restoredAt }
    : { ...mark, from: new Map([...mark.from, ...(await firstOffsets(system, due))]) };
  const facts = await readFacts(
    system,
    new Map([...(complete ? ledger : []), ...during, ...after]),
    from,
    complete ? book : new Map(),
  );
  return { facts: complete ? facts : withoutLost(facts, during, due), violations };
}

/** Where partitions go on that had halted. */
async function firstOffsets({ stack, topic, consumerGroup }: System, due: Due): Promise<[number, bigint][]> {
  const connection = { brokers: stack.addresses.brokers, clientId: 'crash' };
  const bounds = await readLogBounds(connection, logger, { topic, groupId: consumerGroup });
  return due.partitions.map((partition) => {
    const from = due.from(partition);
    return [partition, from === 'log-start' ? (bounds.get(partition)?.start ?? 0n) : BigInt(from)];
  });
}

/**
 * What was accepted while data was being lost, into a partition that lost some, may be lost with it: all that was sent of a
 * delivery, or what was sent first.
 */
function withoutLost(facts: Facts, during: Ledger, { partitions }: Due): Facts {
  const inLog = Map.groupBy(facts.log, ({ delivery }) => delivery?.guid);
  const ledger = facts.ledger.flatMap((entry) => {
    if (!during.has(entry.guid) || !partitions.includes(partitionOf(entry.key, PARTITIONS))) return [entry];
    const left = inLog.get(entry.guid)?.length ?? 0;
    if (left === 0) return [];
    const lost = entry.sendings.filter(isAccepted).slice(0, -left);
    return [{ ...entry, sendings: entry.sendings.filter((sending) => !lost.includes(sending)) }];
  });
  return { ...facts, ledger };
}
