import { canRepeat } from '@hookline/github';
import { HANDLED_EVENTS } from '../programs/behaviour.ts';
import { placeOf, type Aged, type AuditRow, type DeadLetter, type Facts, type LogRecord } from './facts.ts';

/** What the audit says of one handler of a delivery. */
export interface HandlerStory {
  state: 'waits' | 'done' | 'dead' | 'discarded';
  /** The row of the audit that has had it run: runs of a key follow each other in this order. 0: it is gone. */
  since: bigint;
  /** It has been dead, and so has a dead letter. */
  died: boolean;
  /** An operator has set it aside without another try. */
  skipped: boolean;
  /**
   * What was decided about its dead letter before the audit tells of its death: the letter is there as soon as the handler has
   * failed in a last run, which ends when all of its handlers have.
   */
  early: AuditRow | null;
}

/** Handlers that run together, and the command that has them run, where it was one. */
interface Run {
  handlers: string[];
  commandId: string | null;
}

/** A delivery that was run, or is to be, at the place of the record that is run. */
export interface Story {
  place: string;
  guid: string;
  handlers: Map<string, HandlerStory>;
  /** Entries in the lane of its key. */
  queue: Run[];
  /** Nothing runs it, whenever it arrives again, but for its dead handlers. */
  claimed: boolean;
  /** Its rows of the audit are removed, which the last before that is: from then on it may run anew. Null: they are there. */
  forgottenAt: bigint | null;
}

export interface Histories {
  /** By place. */
  stories: Map<string, Story>;
  /** Rows of the audit that do not follow from those before. */
  impossible: string[];
}

interface Payload {
  known: Map<string, Story>;
  held: { guid: string; place: string; handlers: string[]; isHeld: boolean } | null;
  stories: Story[];
}

const ACTION = 'opened';

/**
 * What has become of every delivery, read along the audit: the state machine of an identity, told a second time, by which
 * each row is the only one that can follow, or one of two. A payload is of one key, whose rows the fence has put in order.
 */
export function historiesOf({
  log,
  audit,
  deadLetters,
  aged,
  commands,
}: Pick<Facts, 'log' | 'audit' | 'deadLetters' | 'aged' | 'commands'>): Histories {
  const records = new Map(log.map((record) => [placeOf(record), record]));
  const payloads = new Map<string, Payload>();
  const impossible: string[] = [];
  const payloadOf = (digest: string): Payload => {
    const payload = payloads.get(digest) ?? { known: new Map<string, Story>(), held: null, stories: [] };
    payloads.set(digest, payload);
    return payload;
  };
  const reopening = new Set(commands.filter(({ state }) => state === 'discarded').map(({ id }) => id));
  const lettersAt = Map.groupBy(deadLetters, placeOf);
  for (const one of aged) {
    const record = records.get(placeOf(one));
    if (!one.beyond || !record?.delivery) continue;
    tell(payloadOf(record.delivery.digest), forgottenStory(record, one, lettersAt.get(placeOf(one)) ?? []));
  }
  for (const row of audit) {
    // Of an effect, when its delivery has long been settled.
    if (row.effectId !== null) continue;
    const record = row.stage === 'log' ? records.get(placeOf(row)) : undefined;
    const [guid, digest] = record ? [record.delivery?.guid, record.delivery?.digest] : [row.guid, row.digest];
    if (!guid || !digest) continue;
    const payload = payloadOf(digest);
    const problem = record ? arrive(payload, record, row) : follow(payload, guid, row, reopening);
    if (problem !== null) impossible.push(`${placeOf(row)} ${row.stage} ${row.decision} ${guid}: ${problem}`);
  }
  const all = [...payloads.values()].flatMap((payload) => payload.stories);
  all.forEach(endRun);
  return { stories: new Map(all.map((story) => [story.place, story])), impossible };
}

export function handlersOf({ delivery }: LogRecord): string[] {
  return Object.entries(HANDLED_EVENTS).flatMap(([handler, events]) =>
    delivery && events.includes(delivery.event) ? [handler] : [],
  );
}

/** A record of the log: what was decided, and whether anything else could be. */
function arrive(payload: Payload, record: LogRecord, row: AuditRow): string | null {
  const { known } = payload;
  const { guid } = record.delivery as NonNullable<LogRecord['delivery']>;
  const handlers = handlersOf(record);
  const story = known.get(guid);
  if (story) endRun(story);
  const expected = decisionsOf(payload, record, { handlers, story, id: row.id });
  // What runs and must not is nobody's story: its effects are not due.
  if (!expected.includes(row.decision)) return `instead of ${expected.join(' or ')}`;
  const place = placeOf(record);
  if (row.decision === 'processed' || row.decision === 'parked') {
    const state = row.decision === 'processed' ? 'done' : 'waits';
    tell(payload, {
      place,
      guid,
      handlers: new Map(
        handlers.map((name) => [name, { state, since: row.id, died: false, skipped: false, early: null }]),
      ),
      queue: state === 'waits' ? [{ handlers, commandId: null }] : [],
      claimed: state === 'done',
      forgottenAt: null,
    });
  }
  if (row.decision === 'held' && !payload.held?.isHeld) payload.held = { guid, place, handlers, isHeld: true };
  if (row.decision === 'reset' && story?.queue.length === 0 && story.forgottenAt === null) {
    enqueue(story, inState(story, 'dead'), row);
  }
  return null;
}

function tell(payload: Payload, story: Story): void {
  payload.known.set(story.guid, story);
  payload.stories.push(story);
}

interface Arriving {
  handlers: string[];
  story: Story | undefined;
  /** Of the row. */
  id: bigint;
}

function decisionsOf(payload: Payload, record: LogRecord, { handlers, story, id }: Arriving): string[] {
  const { guid, event } = record.delivery as NonNullable<LogRecord['delivery']>;
  if (handlers.length === 0) return ['ignored'];
  if (story && story.forgottenAt !== null) {
    const isOpen = [...story.handlers.values()].some(({ state }) => state === 'dead' || state === 'waits');
    return ['duplicate', 'reset', ...(id > story.forgottenAt && !isOpen ? ['processed', 'parked'] : [])];
  }
  if (story && (story.queue.length > 0 || inState(story, 'dead').length > 0)) return ['reset'];
  if (story?.claimed) return ['duplicate'];
  const isKnown = payload.held !== null || [...payload.known.keys()].some((other) => other !== guid);
  const held = isKnown && !canRepeat(event, ACTION);
  const isAged = payload.stories.some(({ forgottenAt }) => forgottenAt !== null && id > forgottenAt);
  return [...(held ? ['held'] : []), ...(!held || isAged ? ['processed', 'parked'] : [])];
}

/** What became of a delivery in its lane, or by an operator. */
function follow(payload: Payload, guid: string, row: AuditRow, reopening: ReadonlySet<string>): string | null {
  const { held } = payload;
  if (row.stage === 'operator' && held?.isHeld && held.guid === guid && row.handler === null) {
    return decideHeld(payload, held, row);
  }
  const story = payload.known.get(guid);
  if (!story) return 'nothing is known of it';
  // Some of its rows may be gone.
  if (story.forgottenAt !== null) return null;
  if (row.stage === 'operator') return operate(story, row, reopening.has(row.commandId ?? ''));
  return row.stage === 'lane' ? runInLane(story, row) : null;
}

function decideHeld(payload: Payload, held: NonNullable<Payload['held']>, row: AuditRow): string | null {
  const { guid, place, handlers } = held;
  held.isHeld = false;
  const claimed = row.decision === 'discarded';
  const story: Story = { place, guid, handlers: new Map(), queue: [], claimed, forgottenAt: null };
  tell(payload, story);
  if (row.decision === 'released') {
    for (const name of handlers)
      story.handlers.set(name, { state: 'waits', since: row.id, died: false, skipped: false, early: null });
    story.queue.push({ handlers, commandId: row.commandId });
  }
  return ['released', 'discarded'].includes(row.decision) ? null : 'it is held';
}

/** @param reopens its command was decided on what is discarded */
function operate(story: Story, row: AuditRow, reopens: boolean): string | null {
  const { decision, handler } = row;
  if (decision !== 'skipped') endRun(story);
  const one = story.handlers.get(handler ?? '');
  if (decision === 'skipped') {
    if (one) one.skipped = true;
    return one === undefined || one.state === 'dead' ? null : `the handler ${one.state}`;
  }
  if (decision !== 'redriven' && decision !== 'discarded') return 'that is not done to a delivery';
  const before = reopens && decision === 'redriven' ? 'discarded' : 'dead';
  if (one?.state === 'waits' && story.queue[0]?.handlers.includes(handler as string)) {
    if ((one.early?.decision ?? 'dead') !== before) return 'the handler waits';
    one.early = row;
    return null;
  }
  if (one?.state !== before) return `the handler ${one?.state ?? 'is not asked'}`;
  if (decision === 'discarded') one.state = 'discarded';
  else enqueue(story, [handler as string], row);
  return null;
}

function runInLane(story: Story, { decision, handler }: AuditRow): string | null {
  if (decision !== 'dead-lettered' || story.handlers.get(handler ?? '')?.state === 'dead') endRun(story);
  const running = story.queue[0]?.handlers;
  if (decision === 'retried' || decision === 'held') return running ? null : 'it does not wait';
  if (decision === 'dead-lettered') {
    // One row for each dead handler; the others of the same run are done, which shows at the next row.
    const one = story.handlers.get(handler ?? '');
    if (one?.state !== 'waits' || !running?.includes(handler as string)) return 'it does not wait';
    Object.assign(one, { state: 'dead', died: true });
    story.claimed = true;
    return null;
  }
  if (decision !== 'processed' || !running) return 'it does not wait';
  const isDecided = (name: string): boolean => story.handlers.get(name)?.early !== null;
  if (running.some(isDecided)) return 'a handler of it was decided about, and has not died';
  for (const name of running) (story.handlers.get(name) as HandlerStory).state = 'done';
  story.queue.shift();
  story.claimed = true;
  return null;
}

/** A run of which a handler has died has ended, and what else ran in it is done. */
function endRun(story: Story): void {
  const running = story.queue[0]?.handlers;
  if (!running?.some((name) => story.handlers.get(name)?.state === 'dead')) return;
  for (const name of running) {
    const one = story.handlers.get(name) as HandlerStory;
    if (one.state === 'waits') one.state = 'done';
  }
  story.queue.shift();
  for (const name of running) {
    const one = story.handlers.get(name) as HandlerStory;
    const decided = one.early;
    if (decided === null) continue;
    one.early = null;
    if (decided.decision === 'discarded') one.state = 'discarded';
    else enqueue(story, [name], decided);
  }
}

/** What one command redrives runs together, though it has a row for each handler. */
function enqueue(story: Story, handlers: string[], { id: since, commandId }: AuditRow): void {
  for (const name of handlers) Object.assign(story.handlers.get(name) as HandlerStory, { state: 'waits', since });
  const last = story.queue.at(-1);
  if (commandId !== null && last?.commandId === commandId) last.handlers.push(...handlers);
  else if (handlers.length > 0) story.queue.push({ handlers: [...handlers], commandId });
}

function inState({ handlers }: Story, state: HandlerStory['state']): string[] {
  return [...handlers].filter(([, one]) => one.state === state).map(([name]) => name);
}

/** What was settled so long ago that its rows of the audit are gone: its letters say what became of it. */
function forgottenStory(record: LogRecord, { guid, auditId }: Aged, letters: readonly DeadLetter[]): Story {
  const states = new Map(letters.map(({ handler, state }) => [handler, STATES[state] ?? 'dead']));
  const handlers = handlersOf(record).map((name): [string, HandlerStory] => {
    const state = states.get(name) ?? 'done';
    return [name, { state, since: 0n, died: states.has(name), skipped: false, early: null }];
  });
  return { place: placeOf(record), guid, handlers: new Map(handlers), queue: [], claimed: true, forgottenAt: auditId };
}

const STATES: Readonly<Record<string, HandlerStory['state']>> = {
  waiting: 'waits',
  redriven: 'done',
  discarded: 'discarded',
};
