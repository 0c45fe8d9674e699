import { readCommand, readHalts, resumePartition, writeHalt, type Database } from '@hookline/database';
import type { LogBounds } from '@hookline/kafka';
import type { ProcessorEvents } from '../events.ts';
import type { Halt, HaltedPlace, HaltEnd } from './halt.ts';

export interface HaltSettings {
  database: Database;
  /** This process, for people who look at the table. */
  owner: string;
  /** What Kafka has of a partition now. */
  readBounds: (partition: number) => Promise<LogBounds>;
  events: Pick<ProcessorEvents, 'halted' | 'resumed' | 'resumeRefused' | 'haltRetried'>;
}

/** One halted partition of ours. */
export interface HaltWait {
  /** Writes the halt down where it is not yet, and applies what has been decided; `null`: it goes on waiting. */
  tick(): Promise<HaltEnd | null>;
}

/** Rejections of a tick change nothing: the next one begins where it stopped. */
export function createHaltWait(
  { database, owner, readBounds, events }: HaltSettings,
  place: HaltedPlace,
  halt: Halt,
): HaltWait {
  let written = false;

  /** False: the partition is another's. */
  async function write(): Promise<boolean> {
    const { reason, detail, nextOffset } = halt;
    // Kafka can be away: what it had is for whoever decides, who can ask it, too.
    const bounds = halt.bounds ?? (await readBounds(place.partition).catch(() => null));
    return writeHalt(database, place, {
      reason,
      detail,
      nextOffset,
      logStart: bounds?.start ?? null,
      logEnd: bounds?.end ?? null,
      committed: bounds?.committed ?? null,
      owner,
      epoch: place.epoch,
    });
  }

  /** Somebody else's hand: our halt was ended by another owner, or is another owner's now. */
  async function isOurs(): Promise<boolean> {
    const halts = await readHalts(database, place);
    return halts.some((row) => row.partition === place.partition && row.owner === owner);
  }

  return {
    async tick() {
      if (!written && !(await write())) return 'FENCED';
      written = true;
      const command = await readCommand(database, place);
      if (!command) return (await isOurs()) ? null : 'FENCED';
      // Asked anew: what the group has committed must not look like a restored database after the resume.
      const log = await readBounds(place.partition);
      const end = await resumePartition(database, place, command.commandId, { owner, epoch: place.epoch, log });
      if (end.success) {
        events.resumed(place, end.nextOffset, command.actor);
        return 'RESUMED';
      }
      if (end.reason === 'REFUSED') events.resumeRefused(place, command.actor, end.detail);
      return end.reason === 'FENCED' ? 'FENCED' : null;
    },
  };
}
