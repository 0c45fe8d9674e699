import { topicName } from '@hookline/contracts';
import { readClock, retentionProblems, runRetention, type RetentionReport } from '@hookline/database';
import { kafkaConnection, readLogLifetime } from '@hookline/kafka';
import { HooklineError, type ConfigOf } from '@hookline/runtime';
import { CLI_EXIT, CommandEnd, failed } from './exit-codes.ts';
import { silentLogger } from './kafka-access.ts';
import type { Output } from './output.ts';
import type { retentionRunOptions } from './retention-settings.ts';
import { printReport } from './retention-view.ts';
import { withDatabase } from './with-database.ts';

export type RetentionConfig = ConfigOf<typeof retentionRunOptions>;

/** A transaction that uses a range for longer than this is none of ours: ours are ended sooner. */
const RANGE_WAIT_MS = 120_000;
const BATCH = 500;

/** A database whose clock is off by more than this would remove what is young, or keep what is old for ever. */
const MAX_CLOCK_DIFFERENCE_MS = 60 * 60 * 1000;

/**
 * Checks what contradicts, and removes what is old.
 *
 * @throws {CommandEnd} where something contradicts: nothing was removed; or afterwards, where something old is in use
 * @throws {HooklineError} DATABASE_UNAVAILABLE, DATABASE_MISMATCH, KAFKA_UNAVAILABLE, TOPIC_MISSING
 */
export async function removeOld(
  config: RetentionConfig,
  { dryRun, json }: { dryRun: boolean; json: boolean },
  output: Output,
): Promise<void> {
  refuseContradictions(retentionProblems(config, await askLifetime(config)));
  const pool = { poolSize: 4, queryTimeoutMs: RANGE_WAIT_MS + 60_000 };
  const report = await withDatabase(
    config,
    async (database) => {
      refuseContradictions(clockProblems((await readClock(database)) - Date.now()));
      const progress = (text: string) => output.progress(text);
      return runRetention(database, { keep: config, dryRun, waitMs: RANGE_WAIT_MS, batch: BATCH, progress });
    },
    pool,
  );
  if (!report.success) {
    if (json) output.data(JSON.stringify(report));
    return output.progress('Another run is at work: nothing was done here.');
  }
  printReport(report, json, output);
  const left = unfinished(report);
  if (left.length > 0) throw failed(left.join('\n'));
}

function refuseContradictions(problems: readonly string[]): void {
  if (problems.length === 0) return;
  throw new CommandEnd(CLI_EXIT.usage, ['Nothing was removed:', ...problems.map((text) => `  - ${text}`)].join('\n'));
}

async function askLifetime(config: RetentionConfig) {
  const logger = silentLogger();
  const topic = topicName(config.topic, config.topicGeneration);
  try {
    return await readLogLifetime(kafkaConnection(config), logger, topic);
  } catch (cause) {
    if ((cause as { type?: unknown }).type !== 'UNKNOWN_TOPIC_OR_PARTITION') throw cause;
    throw new HooklineError('TOPIC_MISSING', `Topic ${topic} does not exist in Kafka: is HOOKLINE_TOPIC right?`, {
      cause,
    });
  }
}

/** @param aheadMs by how much the database's clock is ahead of this machine's */
export function clockProblems(aheadMs: number): string[] {
  if (Math.abs(aheadMs) <= MAX_CLOCK_DIFFERENCE_MS) return [];
  const minutes = Math.round(Math.abs(aheadMs) / 60_000);
  return [
    `The database's clock is ${minutes} minutes ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine's: set the one that ` +
      'is wrong, or what is young could be taken for old.',
  ];
}

/** What a run has left for the next one, a sentence each. */
export function unfinished({ dryRun, ranges, busy }: Pick<RetentionReport, 'dryRun' | 'ranges' | 'busy'>): string[] {
  if (dryRun) return [];
  const inUse = ranges.filter(({ dropped }) => !dropped);
  return [
    ...inUse.map(
      ({ name }) => `${name} is in use: a transaction that looks into it has not ended. The next run drops it.`,
    ),
    ...busy.map(
      ({ topic, partition }) =>
        `Partition ${partition} of ${topic} was busy: its dead letters are looked at by the next run.`,
    ),
  ];
}
