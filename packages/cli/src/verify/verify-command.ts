import { topicName } from '@hookline/contracts';
import { readHalts, readPartitions, verifyTables, type Problem, type Verified } from '@hookline/database';
import type { ConfigOf } from '@hookline/runtime';
import type { Command } from 'commander';
import { failed } from '../exit-codes.ts';
import { toJson } from '../json.ts';
import type { Output } from '../output.ts';
import { parse } from '../parse.ts';
import { askKafka } from '../partitions-kafka.ts';
import { placeText } from '../reading/views.ts';
import { settings } from '../settings.ts';
import { table } from '../table.ts';
import { withDatabase } from '../with-database.ts';
import { CODES } from './codes.ts';
import { compareLog } from './compare-log.ts';
import { verifyOptions, verifyTablesOptions } from './verify-settings.ts';

interface VerifyArguments {
  most: number;
  log: boolean;
  json?: true;
}

/** A look at a part of a large table. */
const QUERY_TIMEOUT_MS = 600_000;

/** `hookline verify`. */
export function addVerifyCommand(program: Command, output: Output): void {
  program
    .command('verify')
    .description('look for what cannot be, in the tables and between them and the log; changes nothing')
    .option(
      '--most <number>',
      'problems of one code that are shown',
      (text: string) => Number(parse(text, /^[1-9]\d{0,3}$/, 'a number from 1 to 9999')),
      20,
    )
    .option('--no-log', 'look at the tables only; needs no Kafka')
    .option('--json', 'print JSON')
    .action(async ({ most, log, json }: VerifyArguments) => {
      const tables = settings(verifyTablesOptions, process.env);
      const kafka = log ? settings(verifyOptions, process.env) : null;
      const commandsSince = new Date(Date.now() - tables.commandRetentionMs);
      const onProgress = (what: string) => output.progress(`Looking at ${what}.`);
      const verified = await withDatabase(
        tables,
        (database) => verifyTables(database, { most, commandsSince, onProgress }),
        { queryTimeoutMs: QUERY_TIMEOUT_MS },
      );
      const compared = kafka && (await compare(kafka));
      const problems = [...verified.problems, ...(compared?.problems ?? [])];
      print({ ...verified, problems }, log && !compared?.problem, json ?? false, output);
      if (compared?.problem) throw failed(compared.problem);
      if (problems.length > 0) throw failed(summary(problems, verified.more));
    });
}

async function compare(
  config: ConfigOf<typeof verifyOptions>,
): Promise<{ problems: Problem[]; problem: string | null }> {
  const topic = topicName(config.topic, config.topicGeneration);
  const place = { consumerGroup: config.consumerGroup, topic };
  return withDatabase(config, async (database) => {
    const before = await readPartitions(database, place);
    const answer = await askKafka(config);
    if (!answer.success) return { problems: [], problem: answer.problem };
    const after = await readPartitions(database, place);
    const halts = await readHalts(database, place);
    return { problems: compareLog({ topic, before, log: answer.view.bounds, after, halts }), problem: null };
  });
}

function print({ problems, more, partitions }: Verified, log: boolean, json: boolean, output: Output): void {
  if (json) {
    const told = problems.map((problem) => ({ ...problem, means: CODES.get(problem.code) }));
    return output.data(toJson({ problems: told, more, partitions, log }));
  }
  if (problems.length === 0) {
    return output.progress(`${partitions} partitions: nothing is there that cannot be${log ? '' : ', in the tables'}.`);
  }
  const rows = problems.map(({ code, topic, partition, incarnation, offset, subject, detail }) => [
    code,
    topic,
    partition === null || offset === null ? partition : placeText({ partition, offset, incarnation: incarnation ?? 1 }),
    subject,
    detail,
  ]);
  for (const line of table(['CODE', 'TOPIC', 'PLACE', 'ABOUT', 'FOUND'], rows)) output.data(line);
}

function summary(problems: readonly Problem[], more: readonly string[]): string {
  const codes = [...new Set(problems.map(({ code }) => code))];
  const lines = codes.map((code) => `${code}: ${CODES.get(code)}`);
  const rest = more.length === 0 ? '' : ` There are more of ${more.join(', ')}: --most.`;
  return [`${problems.length} problems of ${codes.length} kinds.${rest} What they mean:`, ...lines].join('\n');
}
