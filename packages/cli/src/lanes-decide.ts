import { partitionOf } from '@hookline/contracts';
import { findLane } from '@hookline/database';
import type { Command } from 'commander';
import { decide } from './control-decide.ts';
import { decisionOf, withDecisionOptions, withQuestion, type DecisionArguments } from './control-options.ts';
import { readControlPlace } from './control-place.ts';
import { failed } from './exit-codes.ts';
import { planLane, type LaneCommand } from './lanes-decide-plan.ts';
import type { Output } from './output.ts';
import { parse } from './parse.ts';
import { controlOptions, settings } from './settings.ts';
import { withDatabase } from './with-database.ts';

/** Adds the decisions about lanes to `hookline lanes`. */
export function addLaneDecisions(lanes: Command, output: Output): void {
  const add = (command: LaneCommand, description: string) =>
    withDecisionOptions(lanes.command(command).description(description))
      .argument('<key>', 'ordering key, as github.com/repository/<id>', (text: string) =>
        parse(text, /^[^\0]+$/, 'an ordering key'),
      )
      .action((orderingKey: string, given: DecisionArguments) => decideLane(command, orderingKey, given, output));

  add('hold', 'have the deliveries of a repository wait until it is released');
  add('release', 'let a held repository go on');
  add('retry', 'try the first delivery that waits at once');
  withQuestion(add('skip', 'give the first delivery that waits up: it becomes a dead letter, and the next ones go on'));
}

async function decideLane(
  command: LaneCommand,
  orderingKey: string,
  given: DecisionArguments,
  output: Output,
): Promise<void> {
  const config = settings(controlOptions, process.env);
  const place = await readControlPlace(config);
  const partition = partitionOf(orderingKey, place.partitions);
  const lane = await withDatabase(config, (database) => findLane(database, { ...place, partition }, orderingKey));
  const plan = planLane(command, orderingKey, lane);
  if (!plan.success) throw failed(plan.problem);
  await decide(config, place, { partition, ...plan }, decisionOf(given, process.env), output);
}
