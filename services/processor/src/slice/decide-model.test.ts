import { describe, expect, it } from '@jest/globals';
import type { DeadIdentity, KnownIdentity } from '@hookline/database';
import { aDelivery } from '@hookline/test-support';
import fc from 'fast-check';
import { decide, type Waits, type Known, type ReplayPolicy } from './decide.ts';
import type { DeliveryRecord } from './record.ts';

/**
 * The argument: a table of rows with what has happened, and the rules in words, one record at a time. The log cut into
 * slices anywhere gives the same decisions and leaves the same rows; reading any part of it again leaves them, too.
 */

type Arrival = { guid: number; body: number; event: number; fits: boolean; fails: boolean };
type Step = Arrival | { lanesRun: boolean; succeed: boolean };

interface Row {
  guid: string;
  body: string;
  event: string;
  key: string;
  at: bigint;
}
interface Tables {
  claims: (Row & { outcome: 'processed' | 'dead' | 'discarded' })[];
  waiting: (Row & { again: boolean })[];
  held: (Row & { arrivals: number; seen: bigint })[];
  dead: (Row & { open: boolean; seen: bigint })[];
  unfit: (Row & { arrivals: number; seen: bigint })[];
}
const empty = (): Tables => ({ claims: [], waiting: [], held: [], dead: [], unfit: [] });

// A body of `issues` can be said to be a pull request; what stars a repository is the same each time.
const EVENTS = [
  ['issues', 'pull_request', 'unasked'],
  ['issues', 'pull_request', 'unasked'],
  ['watch', 'watch', 'watch'],
];
const bodies = EVENTS.map(() => aDelivery());
const guids = [1, 2, 3].map((n) => `${n}`.repeat(8).concat('-1111-4111-8111-111111111111'));
const isHandled = (event: string) => event !== 'unasked';
const canRepeat = (event: string) => event === 'watch';

function recordOf({ guid, body, event, fits }: Arrival, offset: number): DeliveryRecord {
  const delivery = {
    ...(bodies[body] as ReturnType<typeof aDelivery>),
    guid: guids[guid] as string,
    event: EVENTS[body]?.[event] as string,
    eventProblem: fits ? null : 'It does not fit.',
  };
  return { partition: 0, offset: BigInt(offset), time: 0, orderingKey: `key ${body % 2}`, delivery };
}

function rowOf(record: DeliveryRecord): Row {
  const { guid, event, digest } = record.delivery;
  return { guid, body: digest.toString('hex'), event, key: record.orderingKey, at: record.offset };
}

/** The rules in words. */
function rule(tables: Tables, record: DeliveryRecord, fails: boolean, policy: ReplayPolicy): string {
  const { claims, waiting, held, dead } = tables;
  const row = rowOf(record);
  const { guid, body, event, key, at } = row;
  const same = (one: Row) => one.guid === guid && one.body === body;
  const sameEvent = (one: Row) => same(one) && one.event === event;
  const [claim, waits] = [claims.find(same), waiting.find(sameEvent) ?? waiting.find(same)];
  const died = dead.find(sameEvent);
  const asHeld = held.find((one) => one.body === body && one.event === event);
  if ([claim?.at, waits?.at, died?.seen, asHeld?.seen].some((seen) => seen !== undefined && at <= seen))
    return 'reread';
  if (record.delivery.eventProblem) return 'dead-lettered event-mismatch';
  const events = [claim, waits].flatMap((one) => (one ? [one.event] : []));
  if (events.length > 0 && !events.includes(event)) {
    return isHandled(event) ? 'held other-event' : 'ignored other-event';
  }
  if (waits?.event === event) return 'reset';
  if (claim) return claim.outcome === 'dead' && died?.open ? 'reset again' : 'duplicate';
  if (!isHandled(event)) return 'ignored';
  const parked = fails || waiting.some((one) => one.key === key) ? 'parked' : 'processed';
  if (asHeld?.guid === guid) return 'held suspected-replay';
  if ([...claims, ...waiting, ...held].some((one) => one.body === body && one.guid !== guid)) {
    if (canRepeat(event)) return `${parked} repeated-payload`;
    if (policy === 'process') return `${parked} suspected-replay`;
    return policy === 'hold' ? 'held suspected-replay' : 'discarded suspected-replay';
  }
  return claims.some((one) => one.guid === guid && one.body !== body) ? `${parked} reused-guid` : parked;
}

/** What a decision writes. */
function write(tables: Tables, record: DeliveryRecord, said: string): void {
  const row = rowOf(record);
  const { body, event, guid, at } = row;
  const [decision, more] = said.split(' ');
  if (decision === 'processed' || decision === 'discarded') tables.claims.push({ ...row, outcome: decision });
  if (decision === 'parked') tables.waiting.push({ ...row, again: false });
  if (said === 'reset again') {
    const died = tables.dead.find(
      (one) => one.guid === guid && one.body === body && one.event === event,
    ) as Tables['dead'][number];
    Object.assign(died, { open: false, seen: at });
    tables.waiting.push({ ...row, at: died.at, again: true });
  }
  const counted = decision === 'held' ? tables.held : more === 'event-mismatch' ? tables.unfit : null;
  const kept = counted?.find((one) => one.body === body && one.event === event);
  if (!kept) counted?.push({ ...row, arrivals: 1, seen: at });
  else if (at > kept.seen) Object.assign(kept, { arrivals: kept.arrivals + 1, seen: at });
}

/** All lanes run to their ends. */
function runLanes(tables: Tables, last: bigint, succeed: boolean): void {
  for (const { again, ...row } of tables.waiting) {
    const died = tables.dead.find((one) => one.guid === row.guid && one.body === row.body);
    if (!again) tables.claims.push({ ...row, outcome: succeed ? 'processed' : 'dead' });
    if (died && again) Object.assign(died, succeed ? {} : { open: true, seen: last });
    if (!again && !succeed) tables.dead.push({ ...row, open: true, seen: last });
  }
  tables.waiting = [];
}

/** What a slice reads of the tables. */
function readKnown(tables: Tables, records: readonly DeliveryRecord[]): Omit<Known, 'failed' | 'replayPolicy'> {
  const place = (offset: bigint) => ({ incarnation: 1, offset });
  const identities = new Map<bigint, KnownIdentity>();
  const [waiting, waitingPayloads] = [new Map<bigint, Waits>(), new Map<bigint, Row>()];
  const dead = new Map<bigint, DeadIdentity>();
  for (const record of records) {
    const { guid, body, event, at } = rowOf(record);
    const claim = tables.claims.find((one) => one.guid === guid && one.body === body);
    const held = tables.held.find((one) => one.body === body && one.event === event);
    const others = [...tables.claims, ...tables.held].filter((one) => one.body === body && one.guid !== guid);
    const first = <T extends Row>(rows: T[]) => rows.find((one) => one.event === event) ?? rows[0];
    const behind = tables.waiting.filter((one) => one.body === body);
    const twin = first(behind.filter((one) => one.guid !== guid));
    if (twin) waitingPayloads.set(at, twin);
    const waits = first(behind.filter((one) => one.guid === guid));
    if (waits) waiting.set(at, { event: waits.event, place: place(waits.at) });
    const died = tables.dead.find((one) => one.guid === guid && one.body === body && one.event === event);
    if (died) dead.set(at, { place: place(died.at), seen: place(died.seen), handlers: died.open ? ['h'] : [] });
    identities.set(at, {
      claim: claim ? { outcome: claim.outcome, event: claim.event, place: place(claim.at) } : null,
      held: held ? { guid: held.guid, seen: place(held.seen) } : null,
      twin: first(others) ?? null,
      reusedGuid: !claim && tables.claims.some((one) => one.guid === guid && one.body !== body),
    });
  }
  return {
    incarnation: 1,
    identities,
    waitingPayloads,
    waiting,
    dead,
    lanes: new Set(tables.waiting.map(({ key }) => key)),
    isHandled,
    canRepeat,
  };
}

const arrival = fc.record({
  guid: fc.nat(2),
  body: fc.nat(2),
  event: fc.nat(2),
  fits: fc.nat(9).map((n) => n > 0),
  fails: fc.nat(3).map((n) => n === 0),
});
const steps = fc.array(
  fc.oneof({ weight: 5, arbitrary: arrival }, fc.record({ lanesRun: fc.constant(true), succeed: fc.boolean() })),
  { maxLength: 40 },
);

describe('the state machine of an identity', () => {
  it('is what the rules say, wherever the log is cut, and reading again changes nothing', () => {
    const cuts = fc.infiniteStream(fc.nat(4));
    const policies = fc.constantFrom<ReplayPolicy>('hold', 'process', 'suppress');
    fc.assert(
      fc.property(steps, cuts, policies, fc.nat(), (todo: Step[], sizes, policy, back) => {
        const [model, tables] = [empty(), empty()];
        const seen: { record: DeliveryRecord; fails: boolean }[] = [];
        let slice: typeof seen = [];
        let expected: string[] = [];

        function decideSlice(from: Tables, some: typeof seen): string[] {
          const records = some.map(({ record }) => record);
          const failed = new Set(some.filter(({ fails }) => fails).map(({ record }) => record.offset));
          const decided = decide(records, { ...readKnown(from, records), failed, replayPolicy: () => policy });
          const said = decided.map(({ decision, flags, again }) => [decision, ...flags, ...(again ? ['again'] : [])]);
          for (const [i, words] of said.entries()) write(from, records[i] as DeliveryRecord, words.join(' '));
          return said.map((words) => words.join(' '));
        }
        function endSlice(): void {
          expect(decideSlice(tables, slice)).toEqual(expected);
          expect(tables).toEqual(model);
          [slice, expected] = [[], []];
        }

        for (const step of todo) {
          if ('lanesRun' in step) {
            endSlice();
            for (const one of [model, tables]) runLanes(one, BigInt(seen.length - 1), step.succeed);
            continue;
          }
          const record = recordOf(step, seen.length);
          const said = rule(model, record, step.fails, policy);
          write(model, record, said);
          expected.push(said);
          slice.push({ record, fails: step.fails });
          seen.push({ record, fails: step.fails });
          if (sizes.next().value === 0) endSlice();
        }
        endSlice();
        const again = seen.slice(0, seen.length === 0 ? 0 : (back % seen.length) + 1);
        for (let at = 0; at < again.length; at += 3) decideSlice(tables, again.slice(at, at + 3));
        expect(tables).toEqual(model);
      }),
      { numRuns: 2000 },
    );
  });
});
