import {
  EFFECT_STATES,
  findEffects,
  listEffects,
  readEffectRequest,
  type EffectFilter,
  type EffectView,
  type EffectViewState,
} from '@hookline/database';
import { Option, type Command } from 'commander';
import { DEATHS } from '../effects-decide.ts';
import { failed } from '../exit-codes.ts';
import { toJson } from '../json.ts';
import type { Output } from '../output.ts';
import { parse, parseGuid } from '../parse.ts';
import { fields } from '../table.ts';
import { pageRequest, printPage, withListOptions, type ListArguments, type Shown } from './list-options.ts';
import { readDatabase } from './read-database.ts';

interface Filters {
  state?: EffectViewState;
  kind?: string;
  handler?: string;
  key?: string;
  repository?: string;
  reason?: string;
}

/** Adds `list` and `show` to `hookline effects`. */
export function addEffectReading(effects: Command, output: Output): void {
  withListOptions(effects.command('list'))
    .description('effects that are not settled, the last one that was asked for first; or settled ones')
    .addOption(new Option('--state <word>', 'in this state; default: any that is not settled').choices(EFFECT_STATES))
    .option('--kind <name>', 'of this kind, as github.comment')
    .option('--handler <name>', 'of this handler; of a route: route:<name>')
    .option('--key <key>', 'of this ordering key, as github.com/repository/<id>')
    .option('--repository <id>', "of this repository's deliveries", (text: string) =>
      parse(text, /^\d{1,20}$/, 'the id of a repository'),
    )
    .addOption(new Option('--reason <word>', 'dead for this').choices([...DEATHS]))
    .action(async (given: ListArguments & Filters) => {
      const page = await readDatabase((database) =>
        listEffects(database, filterOf(given), pageRequest(EFFECTS.name, given)),
      );
      printPage(page, EFFECTS, given.json ?? false, output);
    });
  effects
    .command('show')
    .description('an effect: what was asked for, by whom, and how it stands')
    .argument('<id>', 'id of the effect', (text: string) => parseGuid(text, 'the id of an effect'))
    .option('--json', 'print JSON')
    .action(async (effectId: string, { json }: { json?: true }) => {
      const { effect, asked } = await readDatabase(async (database) => ({
        effect: (await findEffects(database, { effectId }, 1))[0],
        asked: await readEffectRequest(database, effectId),
      }));
      if (!effect)
        throw failed(`There is no effect ${effectId}; of what was settled the ids are kept for a while only.`);
      if (json) return output.data(toJson({ ...effect, ...asked }));
      for (const line of fields([...effectFields(effect), ...requestFields(asked)])) output.data(line);
    });
}

function filterOf({ state, kind, handler, key, repository, reason }: Filters): EffectFilter {
  return {
    state: state ?? null,
    kind: kind ?? null,
    handler: handler ?? null,
    orderingKey: key ?? null,
    repositoryId: repository ?? null,
    reason: reason ?? null,
  };
}

type Fields = Parameters<typeof fields>[0];

const effectFields = (effect: EffectView): Fields => [
  ['id', effect.effectId],
  ['kind', effect.kind],
  ['state', effect.state],
  ['handler', effect.handler],
  ['effect key', effect.key],
  ['key', effect.orderingKey],
  ['queue', effect.queue],
  ['delivery', effect.guid],
  ['partition', `${effect.topic} ${effect.partition}`],
  ['asked for at', effect.createdAt],
  ['attempts', `${effect.attempts}, ${effect.totalAttempts} in all`],
  ['due at', effect.dueAt],
  ['under way until', effect.attemptEndsAt],
  ['dead because', effect.reason],
  ['error', effect.error],
  ['settled at', effect.settledAt],
  ['result', effect.result === null ? null : JSON.stringify(effect.result)],
];

const requestFields = (asked: { request: unknown; bodyBytes: number | null } | null): Fields =>
  asked === null
    ? []
    : [
        ['request', JSON.stringify(asked.request)],
        ['bytes of the body', asked.bodyBytes],
      ];

const EFFECTS: Shown<EffectView> = {
  name: 'effects',
  columns: ['ID', 'STATE', 'KIND', 'HANDLER', 'KEY', 'ATTEMPTS', 'ASKED AT', 'DUE AT', 'DELIVERY', 'ERROR'],
  cells: (row) => [
    row.effectId,
    row.reason === null ? row.state : `${row.state} (${row.reason})`,
    row.kind,
    row.handler,
    row.orderingKey,
    row.attempts,
    row.createdAt,
    row.dueAt,
    row.guid,
    row.error?.slice(0, 80) ?? null,
  ],
};
