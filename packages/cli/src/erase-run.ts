import { randomUUID } from 'node:crypto';
import { partitionOf, topicName } from '@hookline/contracts';
import { blankAudit, blankEffects, erase, noteErasedKey, type Database, type Eraser } from '@hookline/database';
import { confirmed } from './confirm.ts';
import { askStillInLogs, readLogs, stillInLogText } from './erase-kafka.ts';
import { planErasure, planTexts, type ErasurePlan } from './erase-plan.ts';
import { findSubject, type Found, type Subject } from './erase-subject.ts';
import { failed } from './exit-codes.ts';
import type { Output } from './output.ts';
import type { PartitionConfig } from './partitions-kafka.ts';
import { table } from './table.ts';
import { withDatabase } from './with-database.ts';

/** An erasure, as it was typed. */
export interface ErasureRequest {
  subject: Subject;
  actor: string;
  why: string;
  dryRun: boolean;
  alsoWaiting: boolean;
  yes: boolean;
  json: boolean;
}

/** Reading the whole audit takes its time. */
const POOL = { poolSize: 2, queryTimeoutMs: 60 * 60 * 1000 };
const BATCH = 200;

/**
 * Finds what is stored of somebody, shows it, has it confirmed, and erases it.
 *
 * @throws {CommandEnd} where it cannot be done, or was not confirmed: nothing was changed
 * @throws {HooklineError} DATABASE_UNAVAILABLE, DATABASE_MISMATCH
 */
export async function eraseSubject(config: PartitionConfig, request: ErasureRequest, output: Output): Promise<void> {
  await withDatabase(
    config,
    async (database) => {
      const found = await findSubject(database, request.subject, (text) => output.progress(text));
      const logs = await readLogs(database, config);
      const kafka = await askStillInLogs(config, logs, request.subject.kind === 'repository' ? found.keys : []);
      const planned = planErasure(request.subject, found, request.alsoWaiting);
      if (!planned.success) throw failed(planned.problem);
      for (const text of planTexts(planned.plan)) output.progress(text);
      for (const text of kafka.success ? kafka.logs.map(stillInLogText) : [kafka.problem]) output.progress(text);
      const done = request.dryRun
        ? { commandId: null, erased: 0, discarded: 0, effects: 0, auditRows: 0 }
        : await eraseFound(database, config, request, found, output);
      const report = { keys: found.keys, found: planned.plan, ...done, logs: kafka.success ? kafka.logs : null };
      if (request.json) output.data(JSON.stringify(report));
      else printPlan(planned.plan, output);
      output.progress(
        request.dryRun
          ? 'Nothing was changed: this is what would be erased.'
          : `Erased ${done.erased} deliveries, ${done.discarded} of which can no longer be run, ${done.effects} effects, and ` +
              `${done.auditRows} rows of the audit and of settled effects.`,
      );
    },
    POOL,
  );
}

async function eraseFound(
  database: Database,
  config: PartitionConfig,
  { subject, actor, why, yes }: ErasureRequest,
  { keys, targets }: Found,
  output: Output,
) {
  output.progress(`Decided by ${actor}: ${why}`);
  await confirmed('This cannot be undone. Go on?', yes);
  const by: Eraser = { actor, why, commandId: randomUUID() };
  const {
    deliveries: erased,
    discarded,
    effects,
  } = await erase(database, targets, by, {
    batch: BATCH,
    progress: ({ deliveries }) => output.progress(`Erased ${deliveries} of ${targets.length} deliveries …`),
  });
  const guids = subject.kind === 'sender' ? targets.flatMap(({ guid }) => guid ?? []) : [];
  const ofGuids = { guids: [...new Set(guids)] };
  let auditRows = (await blankAudit(database, ofGuids)) + (await blankEffects(database, ofGuids));
  for (const orderingKey of keys) {
    auditRows += await blankAudit(database, { orderingKey }, (range) => output.progress(`Reading ${range} …`));
    auditRows += await blankEffects(database, { orderingKey });
    const { consumerGroup } = config;
    const place = { topic: topicName(config.topic, config.topicGeneration), consumerGroup };
    await noteErasedKey(
      database,
      { ...place, partition: partitionOf(orderingKey, config.topicPartitions) },
      orderingKey,
      by,
    );
  }
  return { commandId: by.commandId, erased, discarded, effects, auditRows };
}

function printPlan({ dead, lane, held, effects, deadEffects }: ErasurePlan, output: Output): void {
  const rows = [
    ['dead deliveries', dead],
    ['deliveries in lanes', lane],
    ['held deliveries', held],
    ['effects to be sent', effects],
    ['dead effects', deadEffects],
  ] as const;
  for (const line of table(['WHAT', 'NUMBER'], rows)) output.data(line);
}
