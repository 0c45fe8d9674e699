import { writeControl } from '@hookline/contracts';
import { planDeadTargets, readOutcomes, type DeadTargetFilter } from '@hookline/database';
import { appendInBulk } from '@hookline/kafka';
import { bulkCommandId, type Bulk } from './bulk-command-id.ts';
import { count, PLAN_ROWS, planLines } from './bulk-plan.ts';
import { bulkProgress } from './bulk-progress.ts';
import { bulkTargets, type BulkTarget } from './bulk-targets.ts';
import { confirmed } from './confirm.ts';
import type { Decision } from './control-options.ts';
import { readControlPlace, viaOf, type ControlConfig } from './control-place.ts';
import { createControlSender, type Command } from './control-sender.ts';
import { waitForOutcomes, type Outcomes } from './control-wait.ts';
import { CLI_EXIT, CommandEnd, failed } from './exit-codes.ts';
import { toJson } from './json.ts';
import type { Output } from './output.ts';
import { withDatabase } from './with-database.ts';

/** A decision about many dead letters, as it was typed. */
export interface BulkRequest {
  command: Bulk['command'];
  selection: Bulk['selection'];
  bulkId: string;
  /** Whether that id was given: a bulk that was stopped goes on, and there may be nothing left to do. */
  again: boolean;
  /** Commands a second; null: as many as go. */
  perSecond: number | null;
}

/**
 * Shows how much a decision is about, has it confirmed, writes a command for each delivery in the order of the log, no
 * faster than asked, and waits for what becomes of them.
 *
 * Safe to stop: the same request again has the same commands, and what was decided by then is left alone.
 *
 * @throws {CommandEnd} unless all were applied, or were not to be waited for
 */
export async function runBulk(
  config: ControlConfig,
  request: BulkRequest,
  decision: Decision,
  output: Output,
): Promise<void> {
  const { command, selection, bulkId, again, perSecond } = request;
  const place = await readControlPlace(config);
  const on: Parameters<typeof bulkTargets>[0] = (work) => withDatabase(config.databaseUrl, work);
  const filter: DeadTargetFilter = { ...selection, until: null };
  const plan = await on((database) => planDeadTargets(database, place, filter, PLAN_ROWS));
  if (plan.letters === 0 && !again) {
    throw failed('No dead letter fits that is dead now. See: hookline dead-letters list.');
  }
  for (const line of planLines(command, plan)) output.progress(line);
  output.progress(`Decided by ${decision.actor}: ${decision.why}`);
  if (plan.letters > 0) await confirmed(command === 'redrive' ? 'Redrive them?' : 'Discard them?', decision.yes);
  output.progress(`This is bulk ${bulkId}. If it is stopped, run the same again with: --bulk ${bulkId}`);

  const bulk: Bulk = { bulkId, command, consumerGroup: place.consumerGroup, topic: place.topic, selection };
  const ids: string[] = [];
  let before = 0;

  async function* commands(): AsyncGenerator<Command> {
    for await (const page of bulkTargets(on, place, { ...filter, until: plan.at }, plan.logs)) {
      const byId = new Map(page.map((target) => [bulkCommandId(bulk, target), target]));
      const known = await on((database) => readOutcomes(database, [...byId.keys()]));
      for (const { commandId, outcome } of known) {
        byId.delete(commandId);
        if (outcome === null) ids.push(commandId);
        else before++;
      }
      for (const [commandId, target] of byId) {
        ids.push(commandId);
        const via = viaOf(place, target.partition, decision.via);
        yield { partition: target.partition, via, control: controlOf(commandId, command, target, decision) };
      }
    }
  }

  const progress = bulkProgress('Written', output);
  const settings = { perSecond, onAppended: (_: number, total: number) => progress(total, plan.deliveries) };
  const sender = createControlSender(config, place);
  let written = 0;
  try {
    written = await appendInBulk(sender, commands(), settings);
  } finally {
    await sender.close();
  }
  output.progress(`Written: ${count(written, 'command')}${before > 0 ? `; ${before} were decided before` : ''}.`);
  const outcomes = await waitForOutcomes(config.databaseUrl, ids, decision.waitMs, bulkProgress('Settled', output));
  tell({ bulkId, command, written, before }, outcomes, decision, output);
}

function controlOf(
  commandId: string,
  command: Bulk['command'],
  { orderingKey, incarnation, offset, generation, handlers }: BulkTarget,
  { actor, why }: Decision,
) {
  const target = { command, orderingKey, incarnation, offset, generation, handlers };
  return writeControl({ commandId, actor, why, issuedAt: Date.now(), target });
}

function tell(
  done: { bulkId: string; command: Bulk['command']; written: number; before: number },
  { applied, refused, pending }: Outcomes,
  { waitMs, json }: Decision,
  output: Output,
): void {
  const refusals = [...Map.groupBy(refused, ({ detail }) => detail)].map(([detail, of]) => ({
    detail,
    commands: of.length,
    example: of[0]?.commandId,
  }));
  if (json) {
    const counts = { applied: applied.length, refused: refused.length, pending: pending.length };
    output.data(toJson({ ...done, ...counts, refusals }));
  }
  const parts = [`Applied: ${applied.length}`, `refused: ${refused.length}`, `not applied yet: ${pending.length}`];
  output.progress(`${parts.join(', ')}.`);
  for (const { detail, commands, example } of refusals.slice(0, PLAN_ROWS)) {
    output.progress(`  refused ${commands}: ${detail} (${example})`);
  }
  if (refused.length > 0) throw failed('What was refused was not changed.');
  if (pending.length > 0 && waitMs > 0) {
    throw new CommandEnd(CLI_EXIT.pending, 'The owners of the partitions apply the rest as they come to it.');
  }
}
