import { writeControl } from '@hookline/contracts';
import { readOutcomes } from '@hookline/database';
import { appendInBulk } from '@hookline/kafka';
import { bulkCommandId, type Bulk } from './bulk-command-id.ts';
import { count, PLAN_ROWS, planLines } from './bulk-plan.ts';
import { planBulk } from './bulk-state.ts';
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
  /** Null: not said. */
  state: Bulk['state'] | null;
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
  const { filter, plan } = await planBulk(on, place, request);
  const { state } = filter;
  if (plan.letters === 0 && !again) {
    throw failed(`No dead letter fits that is ${state} now. See: hookline dead-letters list --state ${state}.`);
  }
  for (const line of planLines({ command, state }, plan)) output.progress(line);
  output.progress(`Decided by ${decision.actor}: ${decision.why}`);
  if (plan.letters > 0) await confirmed(QUESTIONS[command === 'discard' ? command : state], decision.yes);
  const goOn = `${state === 'discarded' ? '--state discarded ' : ''}--bulk ${bulkId}`;
  output.progress(`This is bulk ${bulkId}. If it is stopped, run the same again with: ${goOn}`);

  const bulk: Bulk = { bulkId, command, state, consumerGroup: place.consumerGroup, topic: place.topic, selection };
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
        yield { partition: target.partition, via, control: controlOf(commandId, bulk, target, decision) };
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
  tell({ bulkId, command, state, written, before }, outcomes, decision, output);
}

const QUESTIONS = {
  dead: 'Redrive them?',
  discarded: 'Redrive what was discarded?',
  discard: 'Discard them?',
};

function controlOf(
  commandId: string,
  { command, state }: Bulk,
  { orderingKey, incarnation, offset, generation, handlers }: BulkTarget,
  { actor, why }: Decision,
) {
  const about = { orderingKey, incarnation, offset, generation, handlers };
  const target = { command, ...about, ...(state === 'discarded' && { state }) };
  return writeControl({ commandId, actor, why, issuedAt: Date.now(), target });
}

function tell(
  done: Pick<Bulk, 'bulkId' | 'command' | 'state'> & { written: number; before: number },
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
