import type { ControlTarget, OperatorDecision } from '@hookline/contracts';
import type { AuditedDelivery } from '@hookline/database';
import type { Handler } from '@hookline/handlers';
import type { MakeLanes } from './make-lanes.ts';

export interface ApplySettings {
  handlers: readonly Handler[];
  makeLanes: MakeLanes;
}

/** What an order has done to one thing, for the audit. */
export interface Done {
  decision: OperatorDecision;
  about: AuditedDelivery;
  handler?: string | null;
  effectId?: string;
}

export type Applied =
  | { outcome: 'applied'; detail: string; done: Done[]; laneDueInMs: number | null }
  /** The state is another than the one that it was decided on. */
  | { outcome: 'refused'; detail: string }
  /** What it puts into a lane has no room there. Nothing was written. */
  | { outcome: 'no-room' };

/** What commands of one kind, or of some, are about. */
export type TargetOf<C extends ControlTarget['command']> = Extract<ControlTarget, { command: C }>;

export const refused = (detail: string): Applied => ({ outcome: 'refused', detail });

export function applied(detail: string, done: Done[], laneDueInMs: number | null = null): Applied {
  return { outcome: 'applied', detail, done, laneDueInMs };
}
