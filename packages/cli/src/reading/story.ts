import type { AuditView, CommandView } from '@hookline/database';
import type { GuidFacts, IdentityView } from './identities.ts';
import { placeText } from './views.ts';

interface Place {
  topic: string;
  partition: number;
  incarnation: number;
  offset: bigint;
}

/** Something that happened to the deliveries of a GUID. */
export type StoryEntry =
  /** Ingest had read and verified it, and appended it at this place. */
  | ({ kind: 'received'; at: Date; secretLabel: string | null } & Place &
      Pick<AuditView, 'source' | 'event' | 'action' | 'dedupScope' | 'digest'>)
  | ({ kind: 'decided'; at: Date } & Omit<AuditView, 'recordedAt'>)
  | ({ kind: 'commanded'; at: Date } & Omit<CommandView, 'requestedAt'>);

/** What happened, in order: by the clocks of ingest and database, decisions of one moment as they were made. Pure. */
export function storyOf(facts: GuidFacts, commands: readonly CommandView[]): StoryEntry[] {
  const labels = new Map(
    [...facts.waiting, ...facts.held, ...facts.dead].map((kept) => [placeKey(kept), kept.secretLabel]),
  );
  const received = facts.audit.flatMap((entry): StoryEntry[] => {
    if (entry.stage !== 'log' || !entry.receivedAt) return [];
    const { source, event, action, dedupScope, digest, receivedAt: at } = entry;
    const secretLabel = labels.get(placeKey(entry)) ?? null;
    return [{ kind: 'received', at, ...placeOf(entry), secretLabel, source, event, action, dedupScope, digest }];
  });
  const commanded = commands.map(({ requestedAt: at, ...rest }): StoryEntry => ({ kind: 'commanded', at, ...rest }));
  const decided = facts.audit.map(({ recordedAt: at, ...rest }): StoryEntry => ({
    kind: 'decided',
    at,
    ...rest,
  }));
  return [...received, ...commanded, ...decided].toSorted((a, b) => a.at.getTime() - b.at.getTime());
}

/** What a reader of the story must know to understand it, a sentence or two each. Pure. */
export function notesOf(
  facts: GuidFacts & { begin: Date | null; cut: boolean },
  identities: readonly IdentityView[],
): string[] {
  const notes: string[] = [];
  if (identities.length > 1) {
    notes.push(
      `${identities.length} deliveries share this GUID: it is not signed, and each payload and dedup scope under it is a ` +
        'delivery of its own. Their stories are told together; digests tell them apart.',
    );
  }
  for (const { digest, events } of identities) {
    if (events.length > 1) notes.push(`Payload ${short(digest)} came under several events: ${events.join(', ')}.`);
  }
  const forgotten = forgottenPlaces(facts);
  if (forgotten.length > 0) {
    notes.push(
      `The beginning is missing: the audit has no decision of when ${forgotten.join(', ')} ${forgotten.length === 1 ? 'was' : 'were'} ` +
        `read. It begins ${facts.begin ? `at ${facts.begin.toISOString()}` : 'nowhere'}; what was decided before is gone by its ` +
        'retention. If that place is younger, hookline verify tells what is broken.',
    );
  }
  if (facts.cut) notes.push(`Only the first ${facts.audit.length} decisions are shown.`);
  return notes;
}

const short = (digest: string) => digest.slice(0, 16);

/**
 * Places that some table names, and whose record's decision the audit does not have. What has moved with its topic's
 * generation has an incarnation below zero there, and its offset still.
 */
function forgottenPlaces({ guid, audit, claims, waiting, held, dead }: GuidFacts): string[] {
  const entries = audit.filter(({ stage }) => stage === 'log');
  const read = new Set([...entries.map(placeKey), ...entries.map(movedKey)]);
  const own = held.filter((one) => one.guid === guid);
  const named = [...audit.filter(({ stage }) => stage === 'lane'), ...claims, ...waiting, ...own, ...dead];
  const missing = named.filter((one) => !read.has(one.incarnation < 0 ? movedKey(one) : placeKey(one)));
  return [...new Map(missing.map((one) => [placeKey(one), placeText(one)])).values()];
}

const movedKey = ({ digest, offset }: { digest: Buffer | null; offset: bigint }) =>
  `${digest?.toString('hex')} ${offset}`;

const placeOf = ({ topic, partition, incarnation, offset }: Place): Place => ({
  topic,
  partition,
  incarnation,
  offset,
});

const placeKey = ({ topic, partition, incarnation, offset }: Place) => `${topic} ${partition} ${incarnation} ${offset}`;
