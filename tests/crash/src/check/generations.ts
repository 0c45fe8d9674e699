import { partitionOf } from '@hookline/contracts';
import { partitionName, placeOf, type Facts } from './facts.ts';
import type { Outcome } from './outcomes.ts';
import { violation, type Violation } from './violation.ts';

/**
 * One topic after the other: nothing was accepted behind the end of one (I1), each but the last has moved, with all that
 * waits, is held or is dead (I8), and whoever owned it has written nothing since (I6).
 */
export function oneAfterAnother(facts: Facts, outcomes: readonly Outcome[]): Violation[] {
  const { generations, behindEnds } = facts;
  const unmoved = generations.filter(({ state }, nth) => state !== (nth < generations.length - 1 ? 'moved' : 'active'));
  return [
    ...violation(
      'I1',
      'deliveries behind the end of their generation',
      behindEnds.flatMap((record) => (record.delivery ? [`${placeOf(record)} ${record.delivery.guid}`] : [])),
    ),
    ...violation(
      'I8',
      'generations that have not moved, or are not read',
      unmoved.map(({ topic, state }) => `${topic}: ${state}`),
    ),
    ...violation('I8', 'what waits, is held or is dead, and is not where its key is', misplaced(facts, outcomes)),
    ...violation('I6', 'what owners of a generation have written when it had moved', writtenLate(facts)),
  ];
}

/** A redelivery is looked for under its key's partition of the present topic, and so is whatever an operator decides. */
function misplaced({ generations, waiting, deadLetters, held }: Facts, outcomes: readonly Outcome[]): string[] {
  const present = generations.at(-1);
  if (!present) return [];
  const keys = new Map(outcomes.map(({ place, record }) => [place, record.delivery?.key]));
  const kept = [
    ...[...waiting, ...deadLetters].map((row) => ({ ...row, name: placeOf(row), key: keys.get(placeOf(row)) })),
    ...held.map((row) => ({ ...row, name: `payload ${row.digest}` })),
  ];
  return kept.flatMap(({ name, key, keptAt }) => {
    const isThere = key
      ? keptAt === partitionName(present.topic, partitionOf(key, present.partitions))
      : keptAt.startsWith(`${present.topic}/`);
    return isThere ? [] : [`${name} is at ${keptAt}`];
  });
}

/**
 * Rows of the audit and effects get their numbers before their transaction ends, and the move is under the locks of all
 * old owners: what is theirs and stays has lower numbers than all of the next owners.
 */
function writtenLate({ generations, audit, effects }: Facts): string[] {
  const nth = new Map(generations.map(({ topic }, index) => [topic, index]));
  const generationOf = (partition: string): number => nth.get(partition.slice(0, partition.lastIndexOf('/'))) ?? 0;
  const decisions = audit.filter(({ stage }) => stage === 'log' || stage === 'lane');
  return [
    ...descents(decisions, ({ by }) => generationOf(by)).map((row) => `${placeOf(row)} ${row.stage} ${row.decision}`),
    ...descents(effects, ({ owner }) => generationOf(owner?.partition ?? '')).map(
      (effect) => `${placeOf(effect)} ${effect.handler}`,
    ),
  ];
}

/** Those that come after one of a higher generation, in the order of writing. */
function descents<T>(written: readonly T[], generationOf: (row: T) => number): T[] {
  let highest = 0;
  return written.filter((row) => {
    const generation = generationOf(row);
    highest = Math.max(highest, generation);
    return generation < highest;
  });
}
