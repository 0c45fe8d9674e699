import { findHeldTargets, type HeldTarget } from '@hookline/database';
import type { Command } from 'commander';
import { decide } from './control-decide.ts';
import { decisionOf, withDecisionOptions, withQuestion, type DecisionArguments } from './control-options.ts';
import { readControlPlace } from './control-place.ts';
import { failed } from './exit-codes.ts';
import type { Output } from './output.ts';
import { parse } from './parse.ts';
import { controlOptions, settings } from './settings.ts';
import { table } from './table.ts';
import { withDatabase } from './with-database.ts';

type ReplayCommand = 'release' | 'discard';

interface ReplayArguments extends DecisionArguments {
  event?: string;
  scope?: string;
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const WHICH = /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{8,64})$/;

/** Adds the decisions about held deliveries to `hookline replays`. */
export function addReplayDecisions(replays: Command, output: Output): void {
  const add = (command: ReplayCommand, description: string) =>
    withQuestion(withDecisionOptions(replays.command(command).description(description)))
      .argument('<guid|digest>', 'GUID, or at least the first 8 digits of the digest', (text: string) =>
        parse(text.toLowerCase(), WHICH, 'a GUID, or 8 to 64 digits of a digest'),
      )
      .option('--event <name>', 'held as this event, where the same payload is held as several')
      .option('--scope <name>', 'of this dedup scope, where it is held in several')
      .action((which: string, given: ReplayArguments) => decideReplay(command, which, given, output));

  add('release', 'run a delivery that is held');
  add('discard', 'never run a delivery that is held');
}

async function decideReplay(
  command: ReplayCommand,
  which: string,
  given: ReplayArguments,
  output: Output,
): Promise<void> {
  const config = settings(controlOptions, process.env);
  const place = await readControlPlace(config);
  const by = GUID.test(which) ? { guid: which } : { digest: which };
  const { event = null, scope = null } = given;
  const find = async (state: 'held' | 'discarded') => {
    const found = await withDatabase(config, (database) => findHeldTargets(database, place, by, state));
    return found.filter(
      (one) => (event === null || one.event === event) && (scope === null || one.dedupScope === scope),
    );
  };
  const found = await find('held');
  if (found.length === 0 && (await find('discarded')).length > 0) {
    throw failed(`${which} was discarded before, and its body is gone: there is nothing to run.`);
  }
  const held = onlyOf(found, which, output);
  const { partition, orderingKey, digest, dedupScope, generation } = held;
  await decide(
    config,
    place,
    {
      partition,
      target: {
        command: command === 'release' ? 'release-replay' : 'discard-replay',
        orderingKey,
        digest,
        dedupScope,
        event: held.event,
        generation,
      },
      effect: effectOf(command, held),
      question: command === 'release' ? 'Run it?' : 'Discard it?',
    },
    decisionOf(given, process.env),
    output,
  );
}

/** @throws {CommandEnd} unless there is exactly one */
function onlyOf(found: readonly HeldTarget[], which: string, output: Output): HeldTarget {
  const [only, ...others] = found;
  if (!only) throw failed(`Nothing is held for ${which}. See: hookline replays list.`);
  if (others.length === 0) return only;
  const rows = found.map(({ digest, event, dedupScope, orderingKey, guid }) => [
    digest.toString('hex'),
    event,
    dedupScope,
    orderingKey,
    guid,
  ]);
  for (const line of table(['DIGEST', 'EVENT', 'SCOPE', 'KEY', 'GUID'], rows)) output.progress(line);
  throw failed(`${found.length} held deliveries fit ${which}. Name one: by more digits, --event or --scope.`);
}

function effectOf(command: ReplayCommand, { event, guid, orderingKey, knownGuid, arrivals }: HeldTarget): string {
  const what = `${event} ${guid} of ${orderingKey}, which is like ${knownGuid} and has arrived ${arrivals} times`;
  return command === 'release'
    ? `It is run: ${what}.`
    : `It is never run, whenever it arrives again: ${what}. Nothing can undo that: its body goes.`;
}
