import { setTimeout as delay } from 'node:timers/promises';
import { clearHalt, readCommand, readHalts, resumePartition } from '@hookline/database';
import type { HaltedPlace, Halts } from './halt.ts';
import { createHaltWait, type HaltSettings } from './halt-wait.ts';

/** Halts that only reading can find again; a takeover sees the others. */
const SEEN_BY_READING = new Set(['LOG_DIFFERS', 'LOG_DISCONTINUED', 'OFFSET_MOVED', 'RECORD_REFUSED']);

/** @param pollMs milliseconds between two looks at the database while a partition is halted */
export function createHalts(settings: HaltSettings, pollMs: number): Halts {
  const { database, events } = settings;
  // Partitions that were halted by something that only reading can find again, and are being read.
  const doubtful = new Map<number, HaltedPlace>();

  /** Nothing is halted any more: what was decided about it comes too late, and is told so. */
  async function end(place: HaltedPlace): Promise<void> {
    doubtful.delete(place.partition);
    await clearHalt(database, place);
    for (let command = await readCommand(database, place); command; command = await readCommand(database, place)) {
      const by = { owner: settings.owner, epoch: place.epoch, log: await settings.readBounds(place.partition) };
      const settled = await resumePartition(database, place, command.commandId, by);
      if (settled.success || settled.reason !== 'REFUSED') return;
      events.resumeRefused(place, command.actor, settled.detail);
    }
  }

  return {
    async wait(place, halt, signal) {
      doubtful.delete(place.partition);
      events.halted(place, halt);
      const { tick } = createHaltWait(settings, place, halt);
      while (!signal.aborted) {
        try {
          const ended = await tick();
          if (ended !== null) return ended;
        } catch (error) {
          events.haltRetried(place, error);
        }
        await delay(pollMs, undefined, { signal }).catch(() => {});
      }
      return 'CLOSED';
    },

    async tookOver(fence) {
      const halts = await readHalts(database, fence);
      const halt = halts.find(({ partition }) => partition === fence.partition);
      // A decision that was made while nobody owned the partition waits until reading has found the halt again, or not.
      if (halt && SEEN_BY_READING.has(halt.reason)) doubtful.set(fence.partition, fence);
      else await end(fence);
    },

    advanced(partition) {
      const fence = doubtful.get(partition);
      if (!fence) return;
      doubtful.delete(partition);
      end(fence).catch((error: unknown) => {
        events.haltRetried(fence, error);
        doubtful.set(partition, fence);
      });
    },
  };
}
