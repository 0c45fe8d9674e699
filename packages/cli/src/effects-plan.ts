import type { EffectTargetPlan } from '@hookline/database';
import type { EffectBulk } from './bulk-command-id.ts';
import { count, PLAN_ROWS } from './bulk-plan.ts';
import { oneLine } from './printable.ts';
import { table } from './table.ts';

const LONGEST_ERROR = 80;

const WHAT = {
  'redrive-effect': 'Sent after all',
  'discard-effect': 'Discarded, and never sent',
};

/** A plan in words, for whoever is asked: how much, of which errors, of which repositories. Pure. */
export function effectPlanLines(command: EffectBulk['command'], plan: EffectTargetPlan): string[] {
  const { effects, keys, partitions, errors, largestKeys } = plan;
  const ambiguous = errors.some(({ reason }) => reason === 'ambiguous');
  return [
    `${WHAT[command]}: ${count(effects, 'dead effect')} of ${count(keys, 'key')} in ${count(partitions.length, 'partition')}.`,
    '',
    ...table(
      ['EFFECTS', 'KEYS', 'KIND', 'HANDLER', 'REASON', 'ERROR'],
      errors.map((row) => [
        row.effects,
        row.keys,
        row.kind,
        row.handler,
        row.reason,
        oneLine(row.error, LONGEST_ERROR),
      ]),
    ),
    ...(errors.length === PLAN_ROWS ? [`the first ${PLAN_ROWS} errors`] : []),
    '',
    ...table(
      ['EFFECTS', 'KEY'],
      largestKeys.map((row) => [row.effects, row.orderingKey]),
    ),
    ...(keys > largestKeys.length ? [`and ${count(keys - largestKeys.length, 'other key')}`] : []),
    '',
    ...(ambiguous && command === 'redrive-effect'
      ? ['Of the ambiguous ones nobody knows whether they have taken effect: look at their targets first.', '']
      : []),
  ];
}
