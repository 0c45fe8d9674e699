import type { Random } from '../random.ts';
import type { System } from '../system/system.ts';
import type { Poison } from '../traffic/plan.ts';

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
}
