import { failed } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { toJson } from '../json.ts';
import { cellText, fields, table } from '../table.ts';
import { identitiesOf, type GuidFacts } from './identities.ts';
import { printBody, printPart, storedFields, storedJson } from './print-delivery.ts';
import { readDatabase } from './read-database.ts';
import { readGuid } from './read-guid.ts';
import { eventText, placeText } from './views.ts';

/** Prints all that is kept of a GUID. @throws {CommandEnd} where nothing is */
export async function showDelivery(
  guid: string,
  { withBody, json }: { withBody: boolean; json: boolean },
  output: Output,
): Promise<void> {
  const facts = await readDatabase((database) => readGuid(database, guid, { withBody }));
  const identities = identitiesOf(facts);
  if (identities.length === 0 && facts.held.length === 0) throw nothingKnown(facts);
  const { claims, waiting, held, dead } = facts;
  const log = facts.audit.filter(({ stage }) => stage === 'log');
  if (json) {
    const stored = { waiting: waiting.map(storedJson), held: held.map(storedJson), dead: dead.map(storedJson) };
    return output.data(toJson({ guid, identities, log, claims, ...stored }));
  }
  const columns = ['STATE', 'EVENTS', 'SCOPE', 'DIGEST', 'ARRIVALS'];
  const rows = identities.map((one) => [one.state, one.events, one.dedupScope, one.digest.slice(0, 16), one.arrivals]);
  for (const line of table(columns, rows)) output.data(line);
  printPart(
    'In the log',
    log.map((row) =>
      [cellText(row.recordedAt), placeText(row), row.decision, eventText(row), row.orderingKey].join('  '),
    ),
    output,
  );
  printStored(facts, output);
  const kept = [...waiting, ...held, ...dead];
  for (const one of kept) printBody(one, output);
  if (withBody && kept.length === 0)
    output.progress('No table keeps the body: it is in Kafka, for as long as that does.');
}

function printStored({ guid, claims, waiting, held, dead }: GuidFacts, output: Output): void {
  for (const claim of claims) {
    printPart(
      'Claimed',
      fields([
        ['outcome', claim.outcome],
        ['at', claim.claimedAt],
        ['place', placeText(claim)],
      ]),
      output,
    );
  }
  for (const one of waiting) {
    printPart(
      'Waits',
      fields([...storedFields(one), ['position', one.position], ['since', one.waitingSince], ['to run', one.run]]),
      output,
    );
  }
  for (const one of held) {
    const heading = one.guid === guid ? 'Held' : 'Held, for being like this one';
    printPart(
      heading,
      fields([...storedFields(one), ['state', one.state], ['reason', one.reason], ['arrivals', one.arrivals]]),
      output,
    );
  }
  for (const one of dead) {
    printPart('Died', fields(storedFields(one)), output);
    for (const letter of one.letters) {
      output.data(
        `  dead letter ${letter.id}: ${letter.handler ?? 'no handler'}, ${letter.state}: ${cellText(letter.message)}`,
      );
    }
  }
}

export function nothingKnown({ guid, begin }: { guid: string; begin: Date | null }) {
  return failed(
    `Nothing is known of ${guid}: it is not in the log, was not read yet (hookline partitions list shows the lag), or is ` +
      `older than the audit, which begins ${begin ? `at ${cellText(begin)}` : 'nowhere'}.`,
  );
}
