import { randomUUID } from 'node:crypto';
import { writeControl, type ControlTarget } from '@hookline/contracts';
import { confirmed } from './confirm.ts';
import type { Decision, Via } from './control-options.ts';
import { viaOf, type ControlConfig, type ControlPlace } from './control-place.ts';
import { createControlSender } from './control-sender.ts';
import { waitForOutcomes } from './control-wait.ts';
import { CLI_EXIT, CommandEnd, failed } from './exit-codes.ts';
import { toJson } from './json.ts';
import type { Output } from './output.ts';

/** One thing that is decided about, and what the decision would do. */
export interface Decidable {
  partition: number;
  target: ControlTarget;
  /** What it does, in words. */
  effect: string;
  /** Asked before it is done, of what cannot be undone. */
  question: string | null;
}

/**
 * Says what a decision does, asks where it must, writes the command and waits for what becomes of it.
 *
 * @throws {CommandEnd} unless it was applied, or was not to be waited for
 */
export async function decide(
  config: ControlConfig,
  place: ControlPlace,
  { partition, target, effect, question }: Decidable,
  decision: Decision,
  output: Output,
): Promise<void> {
  const { actor, why, waitMs, yes, json } = decision;
  output.progress(effect);
  output.progress(`Decided by ${actor}: ${why}`);
  if (question !== null) await confirmed(question, yes);

  const commandId = randomUUID();
  const via = viaOf(place, partition, decision.via);
  const sender = createControlSender(config, place);
  try {
    const control = writeControl({ commandId, actor, why, issuedAt: Date.now(), target });
    await sender.append([{ partition, via, control }]);
  } finally {
    await sender.close();
  }
  output.progress(written(commandId, place, partition, via));
  const { applied, refused } = await waitForOutcomes(config, [commandId], waitMs);
  const settled = applied[0] ?? refused[0];
  const [outcome, detail] = [settled?.outcome ?? 'pending', settled?.detail ?? 'Not applied yet.'];
  if (json) {
    output.data(toJson({ commandId, command: target.command, partition, via, outcome, detail }));
  }
  if (outcome === 'applied') return output.progress(`Applied. ${detail}`.trim());
  if (outcome === 'refused') throw failed(`Refused, and nothing was changed: ${detail}`);
  const message = 'Not applied yet: the owner of the partition applies it as soon as it comes to it.';
  if (waitMs === 0) return output.progress(message);
  throw new CommandEnd(CLI_EXIT.pending, `${message} See: hookline partitions list.`);
}

function written(commandId: string, { halted, topic }: ControlPlace, partition: number, via: Via): string {
  const reason = halted.get(partition);
  const because = reason === undefined ? '' : `, since partition ${partition} is halted by ${reason}`;
  return via === 'log'
    ? `Written as ${commandId} to partition ${partition} of ${topic}.`
    : `Written as ${commandId} to the database for the owner of partition ${partition}${because}.`;
}
