import type { Desk } from '../operators/desk.ts';
import type { Random } from '../random.ts';
import type { System } from '../system/system.ts';
import type { Courier } from '../traffic/courier.ts';
import type { Poison, Redelivery } from '../traffic/plan.ts';

export const FAMILIES = [
  'crash-points',
  'processes',
  'network',
  'kafka',
  'database',
  'registry',
  'group',
  'handlers',
  'clocks',
  'operators',
  'relay',
  'lost-data',
] as const;
export type Family = (typeof FAMILIES)[number];

/** What a fault does its harm to, and how long it may take. */
export interface Attack {
  system: System;
  random: Random;
  /** Aborted when the round is given up. */
  signal: AbortSignal;
  /** Waits, and wakes when the round is given up. */
  pause(ms: number): Promise<void>;
  /** For the record of what was done when. */
  note(what: string): void;
  /** Where operators decide; what they have decided is settled, and what they hold released, at the end of the round. */
  desk: Desk;
  /** Posts again what was sent. */
  courier: Courier;
}

/** What must come of a loss: partitions that wait for a human, and what the human then decides. */
export interface Due {
  /** Empty: nothing may halt. */
  partitions: number[];
  /** Any of them. */
  reasons: string[];
  /** What follows `hookline partitions resume <partition> --from`. */
  from(partition: number): string;
}

/** A fault that takes data away. */
export interface Attacker extends Attack {
  /** Sends this many ordinary deliveries and resolves when all are accepted. */
  send(deliveries: number): Promise<void>;
}

export interface Fault {
  name: string;
  family: Family;
  /** One line for `--list`. */
  title: string;
  /** Deliveries that it adds to the traffic. */
  poisons?: readonly Poison[];
  /** Settings of the services that it needs. */
  settings?: Readonly<Record<string, string>>;
  /** Done while traffic runs; what it breaks it need not mend: the round repairs everything afterwards. */
  run?(attack: Attack): Promise<void>;
  /** Handlers ask for effects, and relays send them. */
  sends?: true;
  /** How much is sent again, where that is more than usual. */
  redelivery?: Redelivery;
  /** Over how long traffic is spread at least, in milliseconds: so that there is some before, during and after it. */
  spreadMs?: number;
  /**
   * Done when everything is repaired, before the round waits for the rest: what it has begun and somebody has to end. Ends
   * within a bound of its own; whether it could be done, the check finds out.
   */
  settle?(attack: Attack): Promise<void>;
  /** Not in a round that loses data: what it must come to would be another. */
  keepsData?: true;
  /** When everything is processed, the log is read again from its beginning. */
  rereads?: true;
  /** Afterwards the log cannot be read again from its beginning: some of it, or of what is known of it, is gone. */
  leavesBehind?: true;
  /** Done when everything that was sent is processed: halting is the right answer to it. At most one in a round. */
  lose?(attack: Attacker): Promise<Due>;
  /** After the loss everything that was ever sent must be there; else only what came with and after it can be. */
  complete?: boolean;
}
