import { partitionName, topicOf, type Facts } from './facts.ts';
import { readLog } from './read-log.ts';
import { readTables, type Tables } from './read-tables.ts';
import { isJobTopic } from '../system/job-topic.ts';
import { readGenerations } from '../system/read-generations.ts';
import type { System } from '../system/system.ts';
import type { Book } from '../operators/book.ts';
import type { Ledger } from '../traffic/ledger.ts';
import { placeEffects } from './place-effects.ts';

/** Where a check begins, if not at the very beginning: after data was lost, in a round of one topic. */
export interface Mark {
  /** By partition, the first offset that counts; 0 for one that is not named. */
  from: ReadonlyMap<number, bigint>;
  /** The last row of the audit that does not. */
  auditId: bigint;
  restoredAt: number;
}

export const BEGINNING: Mark = { from: new Map(), auditId: 0n, restoredAt: 0 };

/** @param book of what operators have decided since the mark */
export async function readFacts(
  system: System,
  ledger: Ledger,
  mark: Mark = BEGINNING,
  book: Book = new Map(),
): Promise<Facts> {
  const generations = await readGenerations(system.database);
  const [log, behindEnds]: [Facts['log'][number][], Facts['log'][number][]] = [[], []];
  for (const generation of generations) {
    const read = await readLog(system, generation, mark.from);
    log.push(...read.log);
    behindEnds.push(...read.behindEnds);
  }
  const { effects, ...tables } = withoutJobs(await readTables(system.database, mark.auditId));
  const from = new Map([...mark.from].map(([partition, offset]) => [partitionName(system.topic, partition), offset]));
  const counts = (row: { partition: string; offset: bigint }): boolean => row.offset >= (from.get(row.partition) ?? 0n);
  return {
    from,
    restoredAt: mark.restoredAt,
    generations: generations.map(({ topic, partitions, state }) => ({ topic, partitions, state })),
    ledger: [...ledger.values()],
    log,
    behindEnds,
    effects: placeEffects(effects, log),
    ...tables,
    claims: tables.claims.filter(counts),
    deadLetters: tables.deadLetters.filter(counts),
    commands: tables.commands.filter(
      ({ id }) => mark.auditId === 0n || tables.audit.some((row) => row.commandId === id),
    ),
    decisions: [...book.values()],
  };
}

/** The same tables have what becomes of jobs, which is checked by itself. */
function withoutJobs(tables: Tables): Tables {
  const ofLog = ({ partition }: { partition: string }): boolean => !isJobTopic(topicOf(partition));
  const { offsets, audit, takeovers, claims, waiting, deadLetters } = tables;
  return {
    ...tables,
    offsets: offsets.filter(ofLog),
    audit: audit.filter(ofLog),
    takeovers: takeovers.filter(ofLog),
    claims: claims.filter(ofLog),
    waiting: waiting.filter(ofLog),
    deadLetters: deadLetters.filter(ofLog),
  };
}
