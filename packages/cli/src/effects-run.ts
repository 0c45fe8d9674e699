import { writeControl } from '@hookline/contracts';
import {
  planEffectTargets,
  readEffectTargets,
  type Database,
  type EffectTarget,
  type EffectTargetPlan,
} from '@hookline/database';
import { effectCommandId, type EffectBulk } from './bulk-command-id.ts';
import { PLAN_ROWS } from './bulk-plan.ts';
import { sendBulk, type BulkCommand } from './bulk-send.ts';
import { confirmed } from './confirm.ts';
import type { Decision } from './control-options.ts';
import { readControlPlace, type ControlConfig } from './control-place.ts';
import { effectPlanLines } from './effects-plan.ts';
import { failed } from './exit-codes.ts';
import type { Output } from './output.ts';
import { withDatabase } from './with-database.ts';

/** A decision about dead effects, as it was typed. */
export interface EffectBulkRequest extends Pick<EffectBulk, 'bulkId' | 'command' | 'selection'> {
  /** Whether that id was given: a bulk that was stopped goes on, and there may be nothing left to do. */
  again: boolean;
  /** Commands a second; null: as many as go. */
  perSecond: number | null;
}

/** Runs one piece of reading; no connection is held between two. */
type Reading = <T>(work: (database: Database) => Promise<T>) => Promise<T>;

const QUESTIONS = { 'redrive-effect': 'Send them?', 'discard-effect': 'Discard them?' };
const PAGE = 500;

/**
 * Shows how much a decision is about, has it confirmed, writes a command for each effect in the order of each queue, no
 * faster than asked, and waits for what becomes of them.
 *
 * Safe to stop: the same request again has the same commands, and what was decided by then is left alone.
 *
 * @throws {CommandEnd} unless all were applied, or were not to be waited for
 */
export async function runEffectBulk(
  config: ControlConfig,
  request: EffectBulkRequest,
  decision: Decision,
  output: Output,
): Promise<void> {
  const { command, selection, bulkId, again, perSecond } = request;
  const { actor, why, yes } = decision;
  const place = await readControlPlace(config);
  const on: Reading = (work) => withDatabase(config, work);
  const plan = await on((database) => planEffectTargets(database, place, selection, PLAN_ROWS));
  if (plan.effects === 0 && !again) throw failed('No effect fits that is dead now. See: hookline effects list.');
  for (const line of effectPlanLines(command, plan)) output.progress(line);
  output.progress(`Decided by ${actor}: ${why}`);
  if (plan.effects > 0) await confirmed(QUESTIONS[command], yes);
  output.progress(`This is bulk ${bulkId}. If it is stopped, run the same again with: --bulk ${bulkId}`);

  const { consumerGroup, topic } = place;
  const bulk: EffectBulk = { bulkId, command, consumerGroup, topic, selection };
  const pages = commandPages(on, bulk, plan, decision);
  await sendBulk(config, place, { pages, total: plan.effects, perSecond, done: { bulkId, command } }, decision, output);
}

/** Page by page, the partitions in turns: all of their owners have something to do. */
async function* commandPages(
  on: Reading,
  bulk: EffectBulk,
  { partitions, until }: EffectTargetPlan,
  { actor, why }: Decision,
): AsyncGenerator<BulkCommand[]> {
  const commandOf = ({ partition, effectId, orderingKey, generation }: EffectTarget): BulkCommand => {
    const about = { command: bulk.command, orderingKey, effectId, state: 'dead' as const, generation };
    const commandId = effectCommandId(bulk, effectId);
    return { partition, control: writeControl({ commandId, actor, why, issuedAt: Date.now(), target: about }) };
  };
  let left = partitions.map((partition) => ({ partition, after: 0n }));
  while (left.length > 0) {
    const more: typeof left = [];
    for (const { partition, after } of left) {
      const page = await on((database) =>
        readEffectTargets(database, { ...bulk, partition }, bulk.selection, { after, until, limit: PAGE }),
      );
      const last = page.at(-1);
      if (!last) continue;
      yield page.map(commandOf);
      if (page.length === PAGE) more.push({ partition, after: last.position });
    }
    left = more;
  }
}
