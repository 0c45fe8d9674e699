import { writeControl } from '@hookline/contracts';
import { bulkCommandId, type Bulk } from './bulk-command-id.ts';
import { planLines } from './bulk-plan.ts';
import { sendBulk, type BulkCommand } from './bulk-send.ts';
import { planBulk } from './bulk-state.ts';
import { bulkTargets, type BulkTarget } from './bulk-targets.ts';
import { confirmed } from './confirm.ts';
import type { Decision } from './control-options.ts';
import { readControlPlace, type ControlConfig } from './control-place.ts';
import { failed } from './exit-codes.ts';
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
  const on: Parameters<typeof bulkTargets>[0] = (work) => withDatabase(config, work);
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
  const { at: until, logs, deliveries: total } = plan;
  const pages = commandPages(bulk, bulkTargets(on, place, { ...filter, until }, logs), decision);
  await sendBulk(config, place, { pages, total, perSecond, done: { bulkId, command, state } }, decision, output);
}

async function* commandPages(
  bulk: Bulk,
  targets: AsyncIterable<readonly BulkTarget[]>,
  decision: Decision,
): AsyncGenerator<BulkCommand[]> {
  for await (const page of targets) {
    yield page.map((target) => {
      return { partition: target.partition, control: controlOf(bulkCommandId(bulk, target), bulk, target, decision) };
    });
  }
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
