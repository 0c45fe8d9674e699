import { createHash, randomUUID } from 'node:crypto';
import type { ControlOrder, ControlTarget } from '@hookline/contracts';
import type { Fence } from '@hookline/database';
import type { Handler } from '@hookline/handlers';
import type { ReadRecord } from '@hookline/kafka';
import type { LaneSettings } from '../lanes/lane-settings.ts';
import { handler, runLanes, untilNoneRetries, type LaneWorld } from './lane-world.ts';
import { keyOf, type LogOwner, type LogWorld, type OwnerChanges } from './log-world.ts';

/** Of the one repository of a story. */
export const KEY = keyOf(1);

/** Attempts end with the first: what fails is dead after its last run. */
const POLICY = { maxAttempts: 1, maxKills: 2, retry: { baseMs: 1, maxMs: 2 } };

/** One partition and what happens to it: records of its log, and runs of its lanes. */
export interface Story {
  /** Handlers of these names fail. */
  failing: Set<string>;
  handlers: Handler[];
  /** The owner that has read last. */
  owner(): LogOwner;
  fence(): Fence;
  /** A new owner reads these slices. */
  log(...slices: ReadRecord[][]): Promise<LogOwner>;
  own(slices: ReadRecord[][], changes?: OwnerChanges): Promise<LogOwner>;
  /** Runs the lanes until none is retried any more. */
  lanes(changes?: Partial<LaneSettings>): Promise<LaneWorld>;
  /** `offset handler event` of what was committed, in order; what was committed together is one line. */
  effects(): Promise<string[]>;
  /** `offset event outcome` of each claim, in the order of the log. */
  claims(): Promise<string[]>;
  /** `offset handler state generation` of each dead letter. */
  letters(): Promise<string[]>;
  /** `event state arrivals generation`, and whether there is a body, of each held delivery. */
  held(): Promise<string[]>;
  /** `outcome detail` of each command, in the order of settling. */
  commands(): Promise<string[]>;
  /** The audit, a row each: `stage decision` and what it is about. */
  audit(stage: string): Promise<string[]>;
  /** Hash over everything that is known of the partition; when a lane is due next is no part of it. */
  hash(): Promise<string>;
}

export async function makeEffects({ database }: LogWorld): Promise<void> {
  await database.query(
    `create table effects (n bigserial, handler text, off bigint, event text, tx bigint default txid_current(),
                           part int default split_part(current_setting('application_name'), '/', 3)::int)`,
  );
}

/** A handler that writes down what it has run, and asks for an effect; it fails while its name is among the failing. */
export function writes(name: string, failing: Set<string>, policy = {}): Handler {
  return handler(
    name,
    async ({ offset, event }, { db, effects }) => {
      effects.add('story', { offset: Number(offset) });
      await db.query('insert into effects (handler, off, event) values ($1, $2, $3)', [name, offset, event]);
      if (failing.has(name)) throw new Error(`${name} failed`);
    },
    policy,
  );
}

let commands = 0;

/** A command that an operator gives now, with an id of its own. */
export function command(target: ControlTarget, commandId: string = randomUUID()): ControlOrder {
  return { commandId, actor: 'ada', why: `reason ${commands++}`, issuedAt: 0, target };
}

export function createStory(world: LogWorld, partition: number, changes: OwnerChanges = {}): Story {
  const { database } = world;
  const failing = new Set<string>();
  const handlers = changes.handlers ?? [writes('a', failing), writes('b', failing)];
  let last: LogOwner | undefined;

  async function said(query: string, ...more: unknown[]): Promise<string[]> {
    const { rows } = await database.query<{ said: string }>(query, [partition, ...more]);
    return rows.map((row) => row.said);
  }
  const owner = () => last as LogOwner;

  const story: Story = {
    failing,
    handlers,
    owner,
    fence: () => owner().fence,
    async own(slices, more = {}) {
      last = await world.own(slices, { handlers, lanePolicy: POLICY, partition, ...changes, ...more });
      return last;
    },
    async log(...slices) {
      const one = await story.own(slices);
      const end = await one.worker.run();
      if (end !== 'CLOSED' || one.errors.some((error) => error.startsWith('transaction'))) {
        throw new Error([end, ...one.errors].join('; '));
      }
      return one;
    },
    async lanes(more) {
      const lanes = runLanes(database, handlers, owner(), { policy: POLICY, ...more });
      await untilNoneRetries(database, lanes);
      return lanes;
    },
    effects: () =>
      said(
        `select string_agg(concat_ws(' ', off, handler, event), ', ' order by n) as said
           from effects where part = $1 group by tx order by min(n)`,
      ),
    claims: () =>
      said(
        `select concat_ws(' ', kafka_offset, event, outcome) as said
           from hookline.processed_deliveries where kafka_partition = $1 order by kafka_offset`,
      ),
    letters: () =>
      said(
        `select concat_ws(' ', kafka_offset, coalesce(handler, reason), state, generation,
                          case when occurrences > 1 then occurrences end) as said
           from hookline.dead_letters where kafka_partition = $1 order by kafka_offset, handler`,
      ),
    held: () =>
      said(
        `select concat_ws(' ', event, state, arrivals, generation, case when body is null then 'empty' end) as said
           from hookline.held_deliveries where kafka_partition = $1 order by held_at, event`,
      ),
    commands: () =>
      said(
        `select concat_ws(' ', command, outcome, outcome_detail) as said
           from hookline.control_commands where kafka_partition = $1 order by settled_at, kafka_offset`,
      ),
    audit: (stage) =>
      said(
        `select concat_ws(' ', kafka_offset, decision, handler, actor, nullif(array_to_string(flags, ' '), '')) as said
           from hookline.audit_log where kafka_partition = $1 and stage = $2 order by audit_id`,
        stage,
      ),
    async hash() {
      const tables = [
        ...['hookline.processed_deliveries', 'hookline.held_deliveries', 'hookline.dead_deliveries'],
        ...['hookline.dead_letters', 'hookline.lane_deliveries', 'hookline.lanes', 'hookline.control_commands'],
        'hookline.outbox',
      ];
      const rows: string[] = await said(
        `select to_jsonb(effects)::text as said from effects where part = $1 order by n`,
      );
      for (const table of tables) {
        rows.push(
          table,
          ...(await said(
            `select (to_jsonb(one) - 'due_at')::text as said from ${table} one where kafka_partition = $1 order by said`,
          )),
        );
      }
      return createHash('sha256').update(rows.join('\n')).digest('hex');
    },
  };
  return story;
}
