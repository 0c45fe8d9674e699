import type { Control } from '@hookline/contracts';
import { readOutcomes } from '@hookline/database';
import { appendInBulk } from '@hookline/kafka';
import { count, PLAN_ROWS } from './bulk-plan.ts';
import { bulkProgress } from './bulk-progress.ts';
import type { Decision } from './control-options.ts';
import { viaOf, type ControlConfig, type ControlPlace } from './control-place.ts';
import { createControlSender, type Command } from './control-sender.ts';
import { waitForOutcomes, type Outcomes } from './control-wait.ts';
import { CLI_EXIT, CommandEnd, failed } from './exit-codes.ts';
import { toJson } from './json.ts';
import type { Output } from './output.ts';
import { withDatabase } from './with-database.ts';

/** A command of a bulk: the same one, with its id, whenever the bulk is run again. */
export interface BulkCommand {
  partition: number;
  control: Control;
}

export interface BulkCommands {
  /** In the order in which they are to be written. */
  pages: AsyncIterable<readonly BulkCommand[]>;
  /** About how many there are. */
  total: number;
  /** Commands a second; null: as many as go. */
  perSecond: number | null;
  /** What it is, for JSON. */
  done: Record<string, unknown>;
}

/**
 * Writes the commands of a bulk, no faster than asked, but for those that were written before, and waits for what becomes of
 * all of them.
 *
 * @throws {CommandEnd} unless all were applied, or were not to be waited for
 */
export async function sendBulk(
  config: ControlConfig,
  place: ControlPlace,
  { pages, total, perSecond, done }: BulkCommands,
  decision: Decision,
  output: Output,
): Promise<void> {
  const ids: string[] = [];
  let before = 0;

  async function* commands(): AsyncGenerator<Command> {
    for await (const page of pages) {
      const byId = new Map(page.map((command) => [command.control.commandId, command]));
      const known = await withDatabase(config, (database) => readOutcomes(database, [...byId.keys()]));
      for (const { commandId, outcome } of known) {
        byId.delete(commandId);
        if (outcome === null) ids.push(commandId);
        else before++;
      }
      for (const [commandId, { partition, control }] of byId) {
        ids.push(commandId);
        yield { partition, via: viaOf(place, partition, decision.via), control };
      }
    }
  }

  const progress = bulkProgress('Written', output);
  const settings = { perSecond, onAppended: (_: number, written: number) => progress(written, total) };
  const sender = createControlSender(config, place);
  let written = 0;
  try {
    written = await appendInBulk(sender, commands(), settings);
  } finally {
    await sender.close();
  }
  output.progress(`Written: ${count(written, 'command')}${before > 0 ? `; ${before} were decided before` : ''}.`);
  const outcomes = await waitForOutcomes(config, ids, decision.waitMs, bulkProgress('Settled', output));
  tell({ ...done, written, before }, outcomes, decision, output);
}

function tell(
  done: BulkCommands['done'] & { written: number; before: number },
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
