import { partitionOf, writeControl, type Control, type ControlTarget } from '@hookline/contracts';
import { readOutcomes, writeCommands } from '@hookline/database';
import { createControlLog, createSchemaRegistry, type ControlLog, type ControlLogRecord } from '@hookline/kafka';
import { partitionName, placeOf, type PartitionName } from '../check/facts.ts';
import { insist } from '../faults/insist.ts';
import type { Random } from '../random.ts';
import { logger, type System } from '../system/system.ts';
import type { Book, Decision } from './book.ts';
import { presentPlace, type Place } from './place.ts';

export interface DeskSettings {
  system: System;
  book: Book;
  random: Random;
  pause(ms: number): Promise<void>;
  note(what: string): void;
}

/** Where an operator decides, as `hookline` does, but without looking first, and however the decision fits. */
export interface Desk {
  /**
   * Writes a command, once or twice, into the log, the table or both, whichever is drawn. Resolves to its id when it is
   * written, or when Kafka has not confirmed it in time: it may be there nevertheless. Null: no topic takes decisions now.
   *
   * @param partition of what has no key
   */
  decide(target: ControlTarget, partition?: number): Promise<string | null>;
  /** Waits until these commands were applied or refused, at most so long; resolves to whether they were. */
  settled(commandIds: readonly (string | null)[], withinMs: number): Promise<boolean>;
  close(): Promise<void>;
}

const POLL_MS = 100;
const APPEND_MS = 8000;
const SEND_MS = 3000;

export function createDesk({ system, book, random, pause, note }: DeskSettings): Desk {
  const { stack, database } = system;
  const connection = { brokers: stack.addresses.brokers, clientId: 'crash-operator' };
  const registry = createSchemaRegistry({ url: stack.addresses.registryUrl, timeoutMs: 5000 }, logger);
  const settings = { connection, deadlineMs: APPEND_MS, sendTimeoutMs: SEND_MS };
  const logs = new Map<string, ControlLog>();
  const schemaIds = new Map<string, number>();
  let appending: Promise<unknown> = Promise.resolve();

  async function encode({ topic }: Place, control: Control): Promise<Buffer> {
    const id = schemaIds.get(topic) ?? (await insist({ pause }, () => registry.controlSchemaId(topic)));
    schemaIds.set(topic, id);
    return registry.encodeControl(id, control);
  }

  async function append({ topic, partitions }: Place, records: ControlLogRecord[]): Promise<void> {
    const log = logs.get(topic) ?? createControlLog({ ...settings, topic, partitions }, logger);
    logs.set(topic, log);
    // One call at a time: a later one must not overtake.
    const mine = appending.then(() => log.append(records));
    appending = mine.catch(() => {});
    await mine;
  }

  return {
    async decide(target, given = 0) {
      const place = await insist({ pause }, () => presentPlace(system));
      if (!place) return null;
      const commandId = random.uuid();
      const { command, orderingKey: key } = target;
      const via = random.chance(0.6) ? 'log' : random.pick(['table', 'both'] as const);
      const times = random.chance(0.25) ? 2 : 1;
      const at = Date.now();
      const control = writeControl({ commandId, actor: 'crash', why: `decision ${book.size}`, issuedAt: at, target });
      const partition = key === null ? given : partitionOf(key, place.partitions);
      const value = await encode(place, control);
      const about = `${key ?? given} ${'offset' in target ? target.offset : ''}`.trim();
      const record = recordOf(target, partitionName(place.topic, partition));
      const generation = 'generation' in target ? target.generation : null;
      const decision: Decision = { commandId, command, via, times, at, confirmed: false, record, generation, about };
      book.set(commandId, decision);
      const write = {
        log: () =>
          append(
            place,
            Array.from({ length: times }, () => ({ key, partition, value })),
          ),
        table: async () => {
          for (let nth = 1; nth <= times; nth += 1) {
            const written = await insist({ pause }, () => writeCommands(database, place, [{ partition, control }]));
            if (!written.success) throw new Error('the log has moved');
          }
        },
      };
      try {
        await Promise.all(via === 'both' ? [write.log(), write.table()] : [write[via]()]);
        decision.confirmed = true;
      } catch (error) {
        note(`${command} ${commandId} is not confirmed: ${String(error)}`);
      }
      return commandId;
    },

    async settled(given, withinMs) {
      const commandIds = given.filter((id) => id !== null);
      const deadline = performance.now() + withinMs;
      for (;;) {
        const known = await insist({ pause }, () => readOutcomes(database, commandIds));
        if (known.filter(({ outcome }) => outcome !== null).length === commandIds.length) return true;
        if (performance.now() > deadline) return false;
        await pause(POLL_MS);
      }
    },

    async close() {
      await appending;
      for (const log of logs.values()) await log.close();
    },
  };
}

/** A topic that was never made anew has this log; what has moved is of one below zero. */
const FIRST_LOG = 1;

function recordOf(target: ControlTarget, partition: PartitionName): string | null {
  return 'offset' in target && target.incarnation === FIRST_LOG ? placeOf({ partition, offset: target.offset }) : null;
}
