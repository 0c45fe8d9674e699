import {
  findCommands,
  listLanes,
  type CommandView,
  type Database,
  type EffectView,
  type LaneView,
} from '@hookline/database';
import type { Command } from 'commander';
import { toJson } from '../json.ts';
import type { Output } from '../output.ts';
import { parseGuid } from '../parse.ts';
import { cellText, table, type Cell } from '../table.ts';
import { identitiesOf, type GuidFacts, type IdentityView } from './identities.ts';
import { storedJson } from './print-delivery.ts';
import { readDatabase } from './read-database.ts';
import { readGuid } from './read-guid.ts';
import { nothingKnown } from './show-delivery.ts';
import { notesOf, storyOf, type StoryEntry } from './story.ts';
import { eventText, placeText } from './views.ts';

/** `hookline trace`. */
export function addTraceCommand(program: Command, output: Output): void {
  program
    .command('trace')
    .description('tell the story of the deliveries with a GUID: log, handlers, effects, lanes, dead letters, decisions')
    .argument('<guid>', 'X-GitHub-Delivery, as GitHub shows it', parseGuid)
    .option('--json', 'print JSON')
    .action((guid: string, { json }: { json?: true }) => trace(guid, json ?? false, output));
}

async function trace(guid: string, json: boolean, output: Output): Promise<void> {
  const { facts, commands, lanes } = await readDatabase((database) => readStory(database, guid));
  const identities = identitiesOf(facts);
  if (identities.length === 0 && facts.held.length === 0) throw nothingKnown(facts);
  const story = storyOf(facts, commands);
  const notes = notesOf(facts, identities);
  const { begin: auditBegin, claims, waiting, held, dead } = facts;
  if (json) {
    const now = {
      claims,
      waiting: waiting.map(storedJson),
      lanes,
      held: held.map(storedJson),
      dead: dead.map(storedJson),
      effects: facts.effects,
      askedBy: facts.askedBy,
    };
    return output.data(toJson({ guid, auditBegin, notes, identities, story, now }));
  }
  for (const note of notes) output.progress(note);
  for (const line of table(
    COLUMNS,
    story.map((entry) => cells(entry, identities.length > 1)),
  ))
    output.data(line);
  output.data('');
  for (const line of nowLines(facts, identities, lanes)) output.data(line);
}

async function readStory(database: Database, guid: string) {
  const facts = await readGuid(database, guid, { withBody: false });
  const ids = facts.audit.flatMap(({ commandId }) => commandId ?? []);
  const commands: CommandView[] = await findCommands(database, [...new Set(ids)]);
  const lanes: LaneView[] = [];
  for (const orderingKey of new Set(facts.waiting.flatMap((one) => one.orderingKey ?? []))) {
    const filter = { orderingKey, state: null, partition: null };
    lanes.push(...(await listLanes(database, filter, { limit: 100, after: null })).rows);
  }
  return { facts, commands, lanes };
}

const COLUMNS = ['AT', 'WHAT', 'PLACE', 'HANDLER', 'TRY', 'BY', 'DETAIL'];

function cells(entry: StoryEntry, several: boolean): Cell[] {
  const time = entry.at.toISOString();
  switch (entry.kind) {
    case 'received': {
      const verified = entry.secretLabel === null ? '' : `, verified by ${entry.secretLabel}`;
      const payload = several && entry.digest ? `, payload ${entry.digest.toString('hex').slice(0, 16)}` : '';
      return [
        time,
        'received',
        placeText(entry),
        null,
        null,
        null,
        `${eventText(entry)} from ${entry.source}${verified}${payload}`,
      ];
    }
    case 'commanded':
      return [
        time,
        `command ${entry.command}`,
        null,
        null,
        null,
        entry.actor,
        `${entry.why} (${entry.commandId}; ${outcome(entry)})`,
      ];
    case 'decided': {
      const what = entry.stage === 'log' ? entry.decision : `${entry.decision} (${entry.stage})`;
      const flags = entry.flags.length === 0 ? null : `[${entry.flags.join(', ')}]`;
      const of = entry.effectId && `effect ${entry.effectId}`;
      const detail = [flags, of, entry.detail, entry.commandId && `command ${entry.commandId}`]
        .filter(Boolean)
        .join(' ');
      return [time, what, placeText(entry), entry.handler, entry.attempt, entry.actor, detail];
    }
  }
}

const outcome = ({ outcome: what, outcomeDetail }: { outcome: string | null; outcomeDetail: string | null }) =>
  [what ?? 'not applied yet', outcomeDetail].filter(Boolean).join(': ');

function nowLines(facts: GuidFacts, identities: readonly IdentityView[], lanes: readonly LaneView[]): string[] {
  const { guid, claims, waiting, held, dead, effects, askedBy } = facts;
  return [
    ...identities.map(
      ({ state, dedupScope, digest, events }) =>
        `Now: ${events.join(', ')}, payload ${digest.slice(0, 16)} in ${dedupScope}: ${state ?? 'nothing is kept of it'}.`,
    ),
    ...claims.map((claim) => `Claimed as ${claim.outcome} at ${cellText(claim.claimedAt)}, by ${placeText(claim)}.`),
    ...waiting.map((one) => {
      const lane = lanes.find(({ topic, orderingKey }) => topic === one.topic && orderingKey === one.orderingKey);
      const ahead = lane?.head?.offset === one.offset ? 'next' : `at position ${one.position}`;
      const when = lane?.state === 'retrying' ? `the next try is due at ${cellText(lane.dueAt)}` : 'the lane is held';
      return `Waits in the lane of ${cellText(one.orderingKey)}, ${ahead}, for a ${one.run}; ${when}.`;
    }),
    ...held.map((one) => {
      const end = one.settledAt && `${one.state} at ${cellText(one.settledAt)}`;
      const was = end ? 'was held' : 'is held';
      const subject = one.guid === guid ? (end ? 'Was held' : 'Held') : `${one.guid} ${was}`;
      return `${subject} as ${one.reason} since ${cellText(one.heldAt)}, ${one.arrivals} times seen; like ${one.knownGuid}${end ? `; ${end}` : ''}. hookline replays show ${one.guid}`;
    }),
    ...dead.flatMap(({ letters }) =>
      letters.map(
        (letter) =>
          `Dead letter ${letter.id}: ${letter.handler ?? 'no handler'}, ${letter.state}, run ${letter.generation}: ${cellText(letter.message)}`,
      ),
    ),
    ...effects.map(effectLine),
    ...(askedBy
      ? [`It is the job that ${askedBy.handler} has asked for, of ${askedBy.guid}. hookline trace ${askedBy.guid}`]
      : []),
  ];
}

/** An effect, and how it stands. */
function effectLine(effect: EffectView): string {
  const { effectId, kind, handler, state, reason, error, totalAttempts, dueAt, settledAt } = effect;
  const when = settledAt ?? dueAt;
  const stands = `${reason === null ? state : `${state}, ${reason}`}${when ? ` ${settledAt ? 'at' : 'until'} ${cellText(when)}` : ''}`;
  const tries = totalAttempts === 1 ? '1 attempt' : `${totalAttempts} attempts`;
  return `Effect ${effectId}: ${kind} of ${handler}, ${stands}, ${tries}${error === null ? '' : `: ${cellText(error)}`}`;
}
