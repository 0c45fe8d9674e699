import type { ResumeFrom } from '@hookline/database';
import type { Command } from 'commander';
import { actorOf } from './actor.ts';
import { asOption, waitOption, whyOption } from './control-options.ts';
import type { Output } from './output.ts';
import { parse } from './parse.ts';
import { listPartitions, printPartitions } from './partitions-list.ts';
import { resumePartition } from './partitions-resume.ts';
import { partitionOptions, settings } from './settings.ts';

interface ResumeArguments {
  from: ResumeFrom;
  why: string;
  as?: string;
  yes?: true;
  wait: number;
  json?: true;
}

/** `hookline partitions list|resume`. */
export function addPartitionsCommand(program: Command, output: Output): void {
  const partitions = program
    .command('partitions')
    .description('how far each partition is, and decisions about halted ones');
  const config = () => settings(partitionOptions, process.env);

  partitions
    .command('list')
    .description('show every partition: its state, offsets, lag, owner and what waits in lanes; changes nothing')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: true }) => {
      printPartitions(await listPartitions(config()), json ?? false, output);
    });

  partitions
    .command('resume')
    .description('decide where a halted partition goes on; its owner applies it, or refuses it in another state')
    .argument('<partition>', 'number of the partition', (text: string) => Number(parse(text, /^\d{1,9}$/, 'a number')))
    .requiredOption('--from <where>', 'stored, log-start, or an offset', parseFrom)
    .addOption(whyOption())
    .addOption(asOption())
    .option('--yes', 'do not ask')
    .addOption(waitOption(30))
    .option('--json', 'print JSON')
    .action(async (partition: number, { from, why, as, yes, wait, json }: ResumeArguments) => {
      const actor = actorOf(as, process.env);
      const request = { partition, from, why, actor, waitMs: wait * 1000, yes: yes ?? false, json: json ?? false };
      await resumePartition(config(), request, output);
    });
}

function parseFrom(text: string): ResumeFrom {
  if (text === 'stored' || text === 'log-start') return { from: text, offset: null };
  return { from: 'offset', offset: BigInt(parse(text, /^\d{1,18}$/, 'stored, log-start, or an offset')) };
}
