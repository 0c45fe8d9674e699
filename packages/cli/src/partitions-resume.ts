import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { topicName } from '@hookline/contracts';
import {
  readCommand,
  readCommandOutcome,
  requestResume,
  type PartitionHalt,
  type ResumeFrom,
} from '@hookline/database';
import { confirmed } from './confirm.ts';
import { CLI_EXIT, CommandEnd, failed } from './exit-codes.ts';
import type { Output } from './output.ts';
import { askKafka, type PartitionConfig } from './partitions-kafka.ts';
import { readDatabase } from './partitions-list.ts';
import { planResume } from './partitions-plan.ts';
import { presentHalt } from './partitions-view.ts';
import { withDatabase } from './with-database.ts';

/** A decision, as it was typed. */
export interface ResumeRequest {
  partition: number;
  from: ResumeFrom;
  why: string;
  actor: string;
  /** How long to wait for the outcome, in milliseconds. */
  waitMs: number;
  yes: boolean;
  json: boolean;
}

const POLL_MS = 250;

/**
 * Shows what a decision means, has it confirmed, writes it for the partition's owner, and waits for what becomes of it.
 *
 * @throws {CommandEnd} unless it was applied, or was not to be waited for
 */
export async function resumePartition(config: PartitionConfig, request: ResumeRequest, output: Output): Promise<void> {
  const topic = topicName(config.topic, config.topicGeneration);
  const { partition } = request;
  const place = { consumerGroup: config.consumerGroup, topic, partition };
  const [kafka, database] = await Promise.all([askKafka(config), readDatabase(config)]);
  const halt = presentHalt(database.halts, partition);
  if (!halt) {
    throw failed(`Partition ${partition} of ${topic} is not halted: nothing to decide. See: hookline partitions list.`);
  }
  await refuseSecondDecision(config, place);
  const view = kafka.success ? kafka.view : null;
  const plan = planResume({ ...halt, log: view?.bounds.get(partition) ?? null }, request.from);
  if (!plan.success) throw failed(plan.problem);

  explain(halt, { topic, target: plan.target, effects: plan.effects, request }, output);
  if (!kafka.success) output.progress(kafka.problem);
  await confirmed('Go on?', request.yes);

  const commandId = randomUUID();
  await withDatabase(config, (on) =>
    requestResume(on, place, {
      commandId,
      resume: request.from,
      decidedReason: halt.reason,
      decidedNextOffset: halt.nextOffset,
      actor: request.actor,
      why: request.why,
    }),
  );
  output.progress(`The decision is written as ${commandId}; the partition's owner applies it.`);
  const outcome = await waitForOutcome(config, commandId, request.waitMs);
  if (request.json) output.data(JSON.stringify({ commandId, partition, ...outcome }));
  tell(outcome, { waitMs: request.waitMs, assigned: view && view.assigned.has(partition) }, output);
}

type Outcome = { outcome: 'applied' | 'refused'; detail: string } | { outcome: 'pending'; detail: string };

async function refuseSecondDecision(
  config: PartitionConfig,
  place: { consumerGroup: string; topic: string; partition: number },
): Promise<void> {
  const open = await withDatabase(config, (on) => readCommand(on, place));
  if (!open) return;
  throw failed(
    `A decision of ${open.actor} (${open.why}) waits already to be applied by the partition's owner: ${open.commandId}.`,
  );
}

function explain(
  halt: PartitionHalt,
  {
    topic,
    target,
    effects,
    request,
  }: { topic: string; target: bigint | null; effects: string[]; request: ResumeRequest },
  output: Output,
): void {
  const since = halt.haltedAt.toISOString();
  output.progress(`Partition ${request.partition} of ${topic} is halted since ${since} by ${halt.reason}.`);
  output.progress(halt.detail);
  output.progress(`It would go on from ${target === null ? 'where the log begins' : `offset ${target}`}:`);
  for (const effect of effects) output.progress(`  - ${effect}`);
  output.progress(`Decided by ${request.actor}: ${request.why}`);
}

async function waitForOutcome(config: PartitionConfig, commandId: string, waitMs: number): Promise<Outcome> {
  const deadline = performance.now() + waitMs;
  return withDatabase(config, async (database) => {
    for (;;) {
      const outcome = await readCommandOutcome(database, commandId);
      if (outcome) return outcome;
      if (performance.now() >= deadline) return { outcome: 'pending', detail: 'Not applied yet.' };
      await delay(POLL_MS);
    }
  });
}

function tell(
  { outcome, detail }: Outcome,
  { waitMs, assigned }: { waitMs: number; assigned: boolean | null },
  output: Output,
): void {
  if (outcome === 'applied') return output.progress(`Applied. ${detail}`);
  if (outcome === 'refused') throw failed(`Refused, and nothing was changed: ${detail}`);
  const owner = assigned === false ? 'No processor has the partition now: its owner' : 'Its owner';
  const message = `Not applied yet. ${owner} applies it as soon as it is there; see: hookline partitions list.`;
  if (waitMs === 0) return output.progress(message);
  throw new CommandEnd(CLI_EXIT.pending, message);
}
